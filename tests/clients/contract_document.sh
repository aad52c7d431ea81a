#!/usr/bin/env bash
# Shows that `standin contract` prints valid OpenAPI: a validator accepts both documents, and a client that
# openapi-generator makes from the observed contract can be imported.
#
# Needs java and the Python packages of .ci/install. Run: tests/clients/contract_document.sh [standin binary]
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/mock.sh"
standin=${1:-$root/target/debug/standin}
require java
require openapi-generator-cli

for kind in documented observed; do
    "$standin" contract --as "$kind" >"$tmp/$kind.json"
    python3 - "$tmp/$kind.json" "$kind" <<'PYTHON'
import json
import sys

from openapi_spec_validator import validate

with open(sys.argv[1], encoding="utf-8") as file:
    document = json.load(file)
validate(document)
print(f"{sys.argv[2]}: valid OpenAPI {document['openapi']} with {len(document['paths'])} paths")
PYTHON
done

quietly openapi-generator-cli generate -g python -i "$tmp/observed.json" -o "$tmp/client" --package-name intandem
PYTHONPATH=$tmp/client python3 -c '
import intandem
groups = [name for name in dir(intandem) if name.endswith("Api")]
assert len(groups) > 5, groups
print(f"the client generated from the observed contract has {len(groups)} groups of operations")'
