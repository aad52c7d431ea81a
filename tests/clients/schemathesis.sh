#!/usr/bin/env bash
# Lets schemathesis, which makes thousands of odd and of proper requests from a contract, judge the mock: no server error,
# no malformed answer, nothing that the contract's own schemas refuse. Requests are checked to the letter.
#
# Needs python3 with pip and a package index. Run: tests/clients/schemathesis.sh [standin binary] [examples an operation]
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
standin=${1:-$root/target/release/standin}
examples=${2:-10}
tmp=$(mktemp -d)
mock=
trap '[ -z "$mock" ] || kill "$mock" 2>/dev/null || true; rm -rf "$tmp"' EXIT

if ! command -v schemathesis >/dev/null; then
    python3 -m venv "$tmp/venv"
    "$tmp/venv/bin/pip" install --quiet schemathesis
    PATH=$tmp/venv/bin:$PATH
fi

"$standin" serve --port 0 --checking documented --unknown-ids answer >"$tmp/mock.out" 2>"$tmp/mock.err" &
mock=$!
for _ in $(seq 100); do
    grep -q '^try' "$tmp/mock.out" && break
    sleep 0.1
done
fallback=$(awk '$1 == "fallback" {print $2}' "$tmp/mock.out")
token=$(awk '$1 == "staff" {print $2}' "$tmp/mock.out")
[ -n "$fallback" ] && [ -n "$token" ] || { cat "$tmp/mock.out" "$tmp/mock.err" >&2; exit 1; }

failed=0
cd "$tmp"
for contract in sales/legacy/payments sales/legacy/legacy_v1_sales clients/legacy/legacy_v1_clients \
    clients/legacy/manage_clients scheduling/legacy/scheduling scheduling/legacy/legacy_v1_scheduling; do
    file=$root/swagger/$contract.json
    base=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1])).get("basePath", "").rstrip("/"))' "$file")
    echo "== $contract"
    # The checks about tokens and methods are not about answers: the mock asks for tokens everywhere.
    schemathesis run "$file" --url "$fallback$base" -H "Authorization: Bearer $token" --max-examples "$examples" \
        --checks not_a_server_error,response_schema_conformance,content_type_conformance,response_headers_conformance \
        --generation-deterministic --no-color >"$tmp/log" 2>&1 || failed=1
    tail -n 15 "$tmp/log"
done
kill -0 "$mock" || { echo "the mock has died" >&2; exit 1; }
exit $failed
