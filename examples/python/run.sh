#!/usr/bin/env bash
# Tests the SDK with JSON fixtures alone, and against the running mock. Generates the fixtures in a temporary folder.
#
# Needs python3, and cargo if no binary is given.
# Run: examples/python/run.sh [standin binary] [options of unittest]
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
if [ $# -eq 0 ]; then
    cargo build --quiet --manifest-path "$root/Cargo.toml"
    set -- "${CARGO_TARGET_DIR:-$root/target}/debug/standin"
fi
standin=$1
if [ ! -x "$standin" ]; then
    echo "$standin is not an executable; pass the standin binary, or no argument to build it" >&2
    exit 2
fi
tmp=$(mktemp -d)
mock=
trap '[ -z "$mock" ] || kill "$mock" 2>/dev/null || true; rm -rf "$tmp"' EXIT

# The operations of the SDK.
"$standin" fixtures --out "$tmp/fixtures" \
    --operation 'GET /platform/v1/clients' \
    --operation 'POST /platform/v1/clients' \
    --operation 'GET /platform/v1/clients/{client_id}' \
    --operation 'GET /platform/v1/payment/packages' \
    --operation 'POST /platform/v1/payment/client_packages' \
    --operation '* /business/payments/v1/client_packages/{uid}' \
    --operation 'GET /business/payments/v1/payment_requests' \
    --operation 'GET /business/payments/v1/payment_requests/{payment_request_uid}' >"$tmp/summary" ||
    { cat "$tmp/summary" >&2; exit 1; }
"$standin" tokens --json >"$tmp/tokens.json"

# The clock of the fixtures: with it, the mock generates the same ids.
now=$(sed -n 's/^ *"now": "\(.*\)".*/\1/p' "$tmp/fixtures/index.json")
"$standin" serve --port 0 --now "$now" >"$tmp/mock.out" 2>"$tmp/mock.err" &
mock=$!
for _ in $(seq 600); do
    grep -q '^try' "$tmp/mock.out" && break
    kill -0 "$mock" 2>/dev/null || break
    sleep 0.1
done
base_url() { awk -v name="$1" 'index($0, name) == 1 {print $NF; exit}' "$tmp/mock.out"; }
grep -q '^try' "$tmp/mock.out" || { cat "$tmp/mock.out" "$tmp/mock.err" >&2; exit 1; }

cd "$here"
export PYTHONDONTWRITEBYTECODE=1 STANDIN_FIXTURES=$tmp/fixtures STANDIN_TOKENS=$tmp/tokens.json
STANDIN_GATEWAY=$(base_url 'main gateway') STANDIN_FALLBACK=$(base_url fallback) STANDIN_CONTROL=$(base_url control) \
    python3 -m unittest discover --start-directory tests --top-level-directory . "${@:2}"
