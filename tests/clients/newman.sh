#!/usr/bin/env bash
# Lets newman, which runs Postman collections, send the fixtures of the mock to the mock: every answer has to pass the
# tests that the collection brings.
#
# Needs node and npm with a registry; newman is put into a temporary folder, unless it is there already.
# Run: tests/clients/newman.sh STANDIN [options of `standin fixtures`, such as --operation GLOB]
set -euo pipefail

standin=$1
shift
. "$(dirname "${BASH_SOURCE[0]}")/mock.sh"

if ! command -v newman >/dev/null; then
    npm install --silent --no-audit --no-fund --prefix "$tmp" newman@6.2.2 >"$tmp/log" 2>&1 || { cat "$tmp/log" >&2; exit 1; }
    PATH=$tmp/node_modules/.bin:$PATH
fi

"$standin" fixtures --format postman --out "$tmp/fixtures" "$@" >"$tmp/summary" || { cat "$tmp/summary" >&2; exit 1; }
start_mock "$standin" --scenario "$(about scenario)" --now "$(about now)"

code=0
newman run "$tmp/fixtures/fixtures.postman_collection.json" --color off --reporter-cli-no-banner \
    --reporter-cli-no-success-assertions --env-var "gateway=$(said 'main gateway')" \
    --env-var "fallback=$(said fallback)" --env-var "control=$(said control)" >"$tmp/log" 2>&1 || code=$?
# The summary: a table, and what failed.
sed -n '/^┌/,$p' "$tmp/log"
exit "$code"
