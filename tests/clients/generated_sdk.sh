#!/usr/bin/env bash
# Shows that clients generated from the project's Swagger files work against the mock, with no hand-written HTTP:
# openapi-generator makes a Python package of each. generated_sdk.py sells a client package and changes it with them,
# package_lifecycle.py follows one from the service it is for to the credit that is used.
#
# Needs java, python3 with pip, and a package index. Everything is put into a temporary folder.
# Run: tests/clients/generated_sdk.sh [standin binary]
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
standin=${1:-$root/target/release/standin}
. "$here/mock.sh"
export PYTHONPATH=$tmp/lib PYTHONDONTWRITEBYTECODE=1

quietly python3 -m pip install --target "$tmp/lib" openapi-generator-cli==7.26.0 \
    'urllib3>=2.7,<3' 'pydantic>=2.11' 'python-dateutil>=2.8.2' 'typing-extensions>=4.7.1'
echo "installed the generator"

for pair in sold=sales/legacy/legacy_v1_sales owned=sales/legacy/payments people=clients/legacy/legacy_v1_clients \
    portal=clients/legacy/clients_payments offered=sales/legacy/legacy_v2_settings_services \
    booked=scheduling/legacy/legacy_v1_scheduling unwritten=sales/undocumented_sales; do
    package=${pair%%=*}
    contract=swagger/${pair#*=}.json
    quietly python3 -c 'import sys; from openapi_generator_cli import cli; sys.exit(cli())' \
        generate -g python -i "$root/$contract" -o "$tmp/$package" --package-name "$package"
    PYTHONPATH=$PYTHONPATH:$tmp/$package
    echo "generated $package from $contract"
done

start_mock "$standin" --now 2026-02-08T10:00:00Z
fallback=$(said fallback)

python3 "$here/generated_sdk.py" "${fallback%/api2}" "$(said staff)"
python3 "$here/package_lifecycle.py" "${fallback%/api2}" "$(said staff)"
