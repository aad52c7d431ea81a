#!/usr/bin/env bash
# Shows that OAuth's code flow works with a client library that apps use: oauth_flow.py logs a person in with Authlib.
#
# Needs the Python packages of .ci/install. Run: tests/clients/oauth_flow.sh [standin binary]
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/mock.sh"
standin=${1:-$root/target/debug/standin}

start_mock "$standin"
fallback=$(mock_value fallback)

python3 "$here/oauth_flow.py" "${fallback%/api2}" "$(mock_value directory)"
