#!/usr/bin/env bash
# Shows that what `standin contract` prints is OpenAPI: a validator takes both documents, and a client is generated from the
# one of the API as it behaves, and imported.
#
# Needs java, python3 with pip, and a package index. Everything is put into a temporary folder.
# Run: tests/clients/contract_document.sh [standin binary]
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
standin=${1:-$here/../../target/release/standin}
. "$here/mock.sh"
export PYTHONPATH=$tmp/lib PYTHONDONTWRITEBYTECODE=1

quietly python3 -m pip install --target "$tmp/lib" openapi-generator-cli==7.26.0 openapi-spec-validator==0.9.0 \
    'urllib3>=2.7,<3' 'pydantic>=2.11' 'python-dateutil>=2.8.2' 'typing-extensions>=4.7.1'

for kind in documented observed; do
    "$standin" contract --as "$kind" >"$tmp/$kind.json"
    python3 - "$tmp/$kind.json" "$kind" <<'PYTHON'
import json
import sys

from openapi_spec_validator import validate

with open(sys.argv[1], encoding="utf-8") as file:
    document = json.load(file)
validate(document)
print(f"{sys.argv[2]}: a valid OpenAPI {document['openapi']} of {len(document['paths'])} paths")
PYTHON
done

quietly python3 -c 'import sys; from openapi_generator_cli import cli; sys.exit(cli())' \
    generate -g python -i "$tmp/observed.json" -o "$tmp/client" --package-name intandem
PYTHONPATH=$PYTHONPATH:$tmp/client python3 -c '
import intandem
apis = [name for name in dir(intandem) if name.endswith("Api")]
assert len(apis) > 5, apis
print(f"a client generated of the API as it behaves has {len(apis)} groups of operations")'
