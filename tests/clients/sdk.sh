#!/usr/bin/env bash
# Shows that an official SDK works with the mock, unmodified and with no option but the base URL. sdks/NAME.yaml is a contract
# in the form that the vendor publishes, sdks/use_NAME.py or use_NAME.mjs the program that uses the SDK.
#
# Needs the packages of .ci/install. Run: tests/clients/sdk.sh NAME [standin binary]
#     tests/clients/sdk.sh stripe target/debug/standin
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/mock.sh"
name=$1
standin=${2:-$root/target/debug/standin}

start_mock "$standin" --swagger "$here/sdks/$name.yaml"

if [ -e "$here/sdks/use_$name.mjs" ]; then
    # Packages are found beside the program or above it only.
    cp "$here/sdks/use_$name.mjs" "$here/sdks/life.mjs" "$tmp"
    ln -s "$root/target/ci/node_modules" "$tmp/node_modules"
    node "$tmp/use_$name.mjs" "$(mock_value API)"
else
    python3 "$here/sdks/use_$name.py" "$(mock_value API)"
fi
