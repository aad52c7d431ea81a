#!/usr/bin/env bash
# Sends requests to the control port that schemathesis generates from the port's own description, valid and invalid ones. The
# mock must not respond with a server error, and each response must be documented.
#
# Needs the Python packages of .ci/install.
# Run: tests/clients/control_api.sh [standin binary] [examples for each operation]
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/mock.sh"
standin=${1:-$root/target/debug/standin}
examples=${2:-10}
require schemathesis

start_mock "$standin"
control=$(mock_value control)
checks=not_a_server_error,status_code_conformance,response_schema_conformance,content_type_conformance
# In the temporary folder, since schemathesis writes its database of examples into the current one.
cd "$tmp"
if schemathesis run "$control/openapi.json" --max-examples "$examples" --checks "$checks" --exclude-path-regex '/events$' \
    --generation-deterministic --no-color >log 2>&1; then
    sed -n 's/^ *\([0-9]* generated, .*\)/\1/p' log
else
    tail -n 80 log
    exit 1
fi
kill -0 "$mock" || { echo "the mock has stopped" >&2; exit 1; }
