#!/usr/bin/env bash
# Sends requests that schemathesis generates from the contracts, valid and invalid ones. The mock must not answer with a
# server error, and its responses must conform to the contract's schemas, but for those in schemathesis.exceptions. The mock
# checks requests against the contract.
#
# Needs the Python packages of .ci/install.
# Run: tests/clients/schemathesis.sh [standin binary] [examples for each operation] [contracts]
#     tests/clients/schemathesis.sh target/debug/standin 10 swagger/sales/legacy/payments.json
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/mock.sh"
standin=${1:-$root/target/debug/standin}
examples=${2:-10}
contracts=("${@:3}")
if [ ${#contracts[@]} -eq 0 ]; then
    contracts=("$root"/swagger/sales/legacy/{payments,legacy_v1_sales}.json
        "$root"/swagger/clients/legacy/{legacy_v1_clients,manage_clients}.json
        "$root"/swagger/scheduling/legacy/{scheduling,legacy_v1_scheduling}.json)
fi
require schemathesis

start_mock "$standin" --checking documented --unknown-ids answer
fallback=$(mock_value fallback)
token=$(mock_value staff)

# Checks about authentication and methods are left out: the mock wants a token on every operation, whatever the contract says.
checks=not_a_server_error,response_schema_conformance,content_type_conformance,response_headers_conformance
failed=0

# Runs schemathesis with options; prints what it has generated, or the end of its output.
run() {
    # In the temporary folder, since schemathesis writes its database of examples into the current one.
    if (cd "$tmp" && schemathesis run "$file" --url "$fallback$base" -H "Authorization: Bearer $token" \
        --max-examples "$examples" --generation-deterministic --no-color "$@" >log 2>&1); then
        echo "${contract#"$root"/}: $(sed -n 's/^ *\([0-9]* generated, .*\)/\1/p' "$tmp/log")"
    else
        echo "${contract#"$root"/}: failed"
        tail -n 60 "$tmp/log"
        failed=1
    fi
}

for contract in "${contracts[@]}"; do
    file=$(realpath "$contract")
    base=$(python3 -c 'import json, sys, urllib.parse
api = json.load(open(sys.argv[1]))
print((api.get("basePath") or urllib.parse.urlsplit(api.get("servers", [{}])[0].get("url", "")).path).rstrip("/"))' "$file")
    excluded=() included=()
    while IFS='|' read -r name operation reason; do
        if [[ $file == */swagger/${name% } && $reason ]]; then
            operation=${operation# }
            excluded+=(--exclude-name "${operation% }")
            [[ $reason == " not sent"* ]] || included+=(--include-name "${operation% }")
        fi
    done < <(grep --invert-match '^#' "$root/tests/clients/schemathesis.exceptions")
    operations=$(python3 -c 'import json, sys
paths = json.load(open(sys.argv[1]))["paths"].values()
print(sum(method in ("get", "put", "post", "patch", "delete") for item in paths for method in item))' "$file")
    [ "${#excluded[@]}" -eq $((2 * operations)) ] || run --checks "$checks" "${excluded[@]}"
    [ ${#included[@]} -eq 0 ] || run --checks not_a_server_error "${included[@]}"
done
kill -0 "$mock" || { echo "the mock has stopped" >&2; exit 1; }
exit $failed
