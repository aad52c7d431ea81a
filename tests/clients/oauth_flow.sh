#!/usr/bin/env bash
# Shows that OAuth's code flow works with a client library as apps use it: oauth_flow.py lets Authlib log in a person.
#
# Needs python3 with venv, and a package index. Everything is put into a temporary folder.
# Run: tests/clients/oauth_flow.sh [standin binary]
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
standin=${1:-$root/target/release/standin}
. "$here/mock.sh"
export PYTHONDONTWRITEBYTECODE=1

python3 -m venv "$tmp/venv"
"$tmp/venv/bin/pip" install --quiet --disable-pip-version-check Authlib==1.6.5 'requests>=2.32,<3' >"$tmp/log" 2>&1 ||
    { cat "$tmp/log" >&2; exit 1; }
echo "installed Authlib"

start_mock "$standin"
fallback=$(said fallback)

"$tmp/venv/bin/python" "$here/oauth_flow.py" "${fallback%/api2}" "$(said directory)"
