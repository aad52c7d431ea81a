#!/usr/bin/env bash
# Runs the fixtures, exported as a Postman collection, against the running mock with newman. Every response has to pass the
# tests of the collection.
#
# Needs newman, which .ci/install installs. Run: tests/clients/newman.sh [standin binary] [options of `standin fixtures`]
#     tests/clients/newman.sh target/debug/standin --operation '*/payment/client_packages*'
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/mock.sh"
standin=${1:-$root/target/debug/standin}
require newman

quietly "$standin" fixtures --format postman --out "$tmp/fixtures" "${@:2}"
start_mock "$standin" --scenario "$(fixture_setting scenario)" --now "$(fixture_setting now)"

code=0
newman run "$tmp/fixtures/fixtures.postman_collection.json" --color off --reporter-cli-no-banner \
    --reporter-cli-no-success-assertions --env-var "gateway=$(mock_value 'main gateway')" \
    --env-var "fallback=$(mock_value fallback)" --env-var "control=$(mock_value control)" >"$tmp/log" 2>&1 || code=$?
# The summary table and the failures, or the whole output when newman did not get that far.
grep -q '^┌' "$tmp/log" || cat "$tmp/log"
sed -n '/^┌/,$p' "$tmp/log"
exit "$code"
