#!/usr/bin/env bash
# Shows that SDKs generated from the project's Swagger files work with the mock, without hand-written HTTP.
# openapi-generator makes a Python package from each contract. generated_sdk.py sells a client package and changes it;
# package_lifecycle.py follows a package from its service to the redeemed credit.
#
# Needs java and the Python packages of .ci/install. Run: tests/clients/generated_sdk.sh [standin binary]
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/mock.sh"
standin=${1:-$root/target/debug/standin}
require java
require openapi-generator-cli

for pair in sold=sales/legacy/legacy_v1_sales owned=sales/legacy/payments people=clients/legacy/legacy_v1_clients \
    portal=clients/legacy/clients_payments offered=sales/legacy/legacy_v2_settings_services \
    booked=scheduling/legacy/legacy_v1_scheduling undocumented=sales/undocumented_sales; do
    package=${pair%%=*}
    contract=swagger/${pair#*=}.json
    quietly openapi-generator-cli generate -g python -i "$root/$contract" -o "$tmp/$package" --package-name "$package"
    PYTHONPATH=${PYTHONPATH:+$PYTHONPATH:}$tmp/$package
    echo "generated $package from $contract"
done
export PYTHONPATH

start_mock "$standin" --now 2026-02-08T10:00:00Z
fallback=$(mock_value fallback)

python3 "$here/generated_sdk.py" "${fallback%/api2}" "$(mock_value staff)"
python3 "$here/package_lifecycle.py" "${fallback%/api2}" "$(mock_value staff)"
