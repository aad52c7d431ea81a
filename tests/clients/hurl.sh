#!/usr/bin/env bash
# Runs the fixtures, written as Hurl files, against the running mock: each begins from a fresh world, sends what goes before
# and looks at the answer as its asserts say.
#
# Needs hurl. Run: tests/clients/hurl.sh [standin binary] [options of `standin fixtures`]
#     tests/clients/hurl.sh target/debug/standin --operation '*/payment/client_packages*'
set -euo pipefail

standin=${1:-target/release/standin}
tmp=$(mktemp -d)
mock=
trap '[ -z "$mock" ] || kill "$mock" 2>/dev/null || true; rm -rf "$tmp"' EXIT

"$standin" fixtures --format hurl --out "$tmp/fixtures" "${@:2}" >"$tmp/summary"
about() { sed -n "s/^ *\"$1\": \"\(.*\)\".*/\1/p" "$tmp/fixtures/index.json" | head -1; }

"$standin" serve --port 0 --scenario "$(about scenario)" --now "$(about now)" >"$tmp/mock.out" 2>"$tmp/mock.err" &
mock=$!
for _ in $(seq 100); do
    grep -qs '^try' "$tmp/mock.out" && break
    kill -0 "$mock" 2>/dev/null || break
    sleep 0.1
done
url() { awk -v name="$1" '$0 ~ "^" name {print $NF}' "$tmp/mock.out"; }
[ -n "$(url control)" ] || { cat "$tmp/mock.out" "$tmp/mock.err" >&2; exit 1; }

# All files share one world: one job.
if ! hurl --test --jobs 1 --variables-file "$tmp/fixtures/variables.env" \
    --variable "gateway=$(url 'main gateway')" --variable "fallback=$(url fallback)" \
    --variable "control=$(url control)" "$tmp/fixtures" >"$tmp/out" 2>"$tmp/err"; then
    grep -v '^Success' "$tmp/err" | tail -200 >&2
    exit 1
fi
grep -E '^(Executed|Succeeded|Failed) ' "$tmp/err"
