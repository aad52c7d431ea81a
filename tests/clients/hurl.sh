#!/usr/bin/env bash
# Runs the fixtures, exported as Hurl files, against the running mock. Each file resets the mock, sends the requests that
# go before, and checks the response with its asserts.
#
# Needs hurl, which .ci/install builds. Run: tests/clients/hurl.sh [standin binary] [options of `standin fixtures`]
#     tests/clients/hurl.sh target/debug/standin --operation '*/payment/client_packages*'
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/mock.sh"
standin=${1:-$root/target/debug/standin}
require hurl

quietly "$standin" fixtures --format hurl --out "$tmp/fixtures" "${@:2}"
start_mock "$standin" --scenario "$(fixture_setting scenario)" --now "$(fixture_setting now)"

# One job: all files use the same mock, and each resets it.
if ! hurl --test --jobs 1 --variables-file "$tmp/fixtures/variables.env" \
    --variable "gateway=$(mock_value 'main gateway')" --variable "fallback=$(mock_value fallback)" \
    --variable "control=$(mock_value control)" "$tmp/fixtures" >"$tmp/out" 2>"$tmp/err"; then
    grep -v '^Success' "$tmp/err" | tail -200 >&2
    exit 1
fi
grep -E '^(Executed|Succeeded|Failed) ' "$tmp/err"
