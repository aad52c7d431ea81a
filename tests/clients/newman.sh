#!/usr/bin/env bash
# Lets newman, which runs Postman collections, send the fixtures of the mock to the mock: every answer has to pass the
# tests that the collection brings.
#
# Needs node and npm with a registry; newman is put into a temporary folder, unless it is there already.
# Run: tests/clients/newman.sh STANDIN [options of `standin fixtures`, such as --operation GLOB]
set -euo pipefail

standin=$1
shift
tmp=$(mktemp -d)
mock=
trap '[ -z "$mock" ] || kill "$mock" 2>/dev/null || true; rm -rf "$tmp"' EXIT

if ! command -v newman >/dev/null; then
    npm install --silent --no-audit --no-fund --prefix "$tmp" newman@6.2.2 >"$tmp/log" 2>&1 || { cat "$tmp/log" >&2; exit 1; }
    PATH=$tmp/node_modules/.bin:$PATH
fi

"$standin" fixtures --format postman --out "$tmp/fixtures" "$@" >"$tmp/summary" || { cat "$tmp/summary" >&2; exit 1; }
now=$(sed -n 's/^ *"now": "\(.*\)".*/\1/p' "$tmp/fixtures/index.json")
"$standin" serve --port 0 --now "$now" >"$tmp/mock.out" 2>"$tmp/mock.err" &
mock=$!
for _ in $(seq 100); do
    grep -q '^try' "$tmp/mock.out" && break
    kill -0 "$mock" 2>/dev/null || break
    sleep 0.1
done
base() { awk -v name="$1" 'index($0, name) == 1 {print $NF; exit}' "$tmp/mock.out"; }
[ -n "$(base control)" ] || { cat "$tmp/mock.out" "$tmp/mock.err" >&2; exit 1; }

code=0
newman run "$tmp/fixtures/fixtures.postman_collection.json" --color off --reporter-cli-no-banner \
    --reporter-cli-no-success-assertions --env-var "gateway=$(base 'main gateway')" \
    --env-var "fallback=$(base fallback)" --env-var "control=$(base control)" >"$tmp/log" 2>&1 || code=$?
# The summary: a table, and what failed.
sed -n '/^┌/,$p' "$tmp/log"
exit "$code"
