#!/usr/bin/env bash
# Runs the fixtures, written as Hurl files, against the running mock: each begins from a fresh world, sends what goes before
# and looks at the answer as its asserts say.
#
# Needs hurl. Run: tests/clients/hurl.sh [standin binary] [options of `standin fixtures`]
#     tests/clients/hurl.sh target/debug/standin --operation '*/payment/client_packages*'
set -euo pipefail

standin=${1:-target/release/standin}
. "$(dirname "${BASH_SOURCE[0]}")/mock.sh"

"$standin" fixtures --format hurl --out "$tmp/fixtures" "${@:2}" >"$tmp/summary"
start_mock "$standin" --scenario "$(about scenario)" --now "$(about now)"

# All files share one world: one job.
if ! hurl --test --jobs 1 --variables-file "$tmp/fixtures/variables.env" \
    --variable "gateway=$(said 'main gateway')" --variable "fallback=$(said fallback)" \
    --variable "control=$(said control)" "$tmp/fixtures" >"$tmp/out" 2>"$tmp/err"; then
    grep -v '^Success' "$tmp/err" | tail -200 >&2
    exit 1
fi
grep -E '^(Executed|Succeeded|Failed) ' "$tmp/err"
