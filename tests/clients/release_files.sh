#!/usr/bin/env bash
# Shows that the files of a release fit together: the GitHub action installs an archive and starts the mock, a changed archive
# is rejected, manual pages and completions work, the files of `init` match the JSON Schemas, the Homebrew formula has the sums, and the YAML files are valid.
#
# Needs check-jsonschema, which .ci/install installs, and curl. Run: tests/clients/release_files.sh [standin binary]
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/mock.sh"
standin=${1:-$root/target/debug/standin}
require check-jsonschema
packaging=$root/packaging

echo 'YAML: workflow, action, compose'
quietly check-jsonschema --builtin-schema vendor.github-workflows "$root"/.github/workflows/*.yml
quietly check-jsonschema --builtin-schema vendor.github-actions "$packaging/action/action.yml"
quietly check-jsonschema --builtin-schema vendor.compose-spec "$packaging/container/compose.yaml"

echo 'archive'
version=$("$standin" --version | awk '{print $2}')
releases=$tmp/releases/v$version
"$packaging/release/archive.sh" "$standin" x86_64-unknown-linux-gnu "$releases" >/dev/null
(cd "$releases" && sha256sum -- * >SHA256SUMS)

echo 'action: install'
export RUNNER_OS=Linux RUNNER_ARCH=X64 RUNNER_TEMP=$tmp/runner GITHUB_PATH=$tmp/path GITHUB_OUTPUT=$tmp/output
export STANDIN_VERSION=$version STANDIN_RELEASES=file://$tmp/releases
mkdir "$RUNNER_TEMP"
"$packaging/action/install.sh"
folder=$(cat "$GITHUB_PATH")

echo 'action: serve'
mkdir "$tmp/api"
printf 'openapi: 3.0.3\ninfo: {title: Shop, version: "1"}\npaths: {/v1/orders: {get: {responses: {"200": {description: orders}}}}}\n' >"$tmp/api/shop.yaml"
PATH=$folder:$PATH STANDIN_ARGS="--port 0 --swagger $tmp/api" "$packaging/action/serve.sh"
mock=$(sed -n 's/.*"pid":\([0-9]*\).*/\1/p' "$RUNNER_TEMP/standin-ready.json")
"$folder/standin" wait "$(sed -n 's/^control-url=//p' "$GITHUB_OUTPUT")"
[ "$(curl --silent --output /dev/null --write-out '%{http_code}' "$(sed -n 's/^url=//p' "$GITHUB_OUTPUT")/v1/orders")" = 200 ]

echo 'manual pages and completions'
for command in '' -serve -replay -fixtures -quirks-show; do
    [ -s "$folder/man1/standin$command.1" ] || { echo "standin$command.1 is missing" >&2; exit 1; }
done
if command -v man >/dev/null; then
    LC_ALL=C.UTF-8 MANWIDTH=100 man -l "$folder/man1/standin-serve.1" 2>"$tmp/man.err" | grep -q -- '--control-port'
    [ ! -s "$tmp/man.err" ] || { cat "$tmp/man.err" >&2; exit 1; }
fi
bash -c "source '$folder/completions/standin.bash' && complete -p standin" >/dev/null

echo 'JSON Schemas'
quietly check-jsonschema --check-metaschema "$folder"/schemas/*.json
"$folder/standin" init "$tmp/init" >/dev/null
quietly check-jsonschema --schemafile "$folder/schemas/api.schema.json" "$tmp/init/standin.yaml"
quietly check-jsonschema --schemafile "$folder/schemas/resources.schema.json" "$tmp/init/shop.resources.yaml"
quietly check-jsonschema --schemafile "$folder/schemas/scenario.schema.json" "$tmp/init/scenarios/first.yaml"

echo 'Homebrew formula'
for target in aarch64-unknown-linux-gnu x86_64-apple-darwin aarch64-apple-darwin; do
    echo "$target" >"$releases/standin-$version-$target.tgz"
done
(cd "$releases" && sha256sum -- *.tgz >SHA256SUMS)
"$packaging/homebrew/formula.sh" "$version" "https://example.com/releases/download/v$version" "$releases/SHA256SUMS" >"$tmp/standin.rb"
[ "$(grep -c sha256 "$tmp/standin.rb")" = 4 ]
if command -v ruby >/dev/null; then ruby -c "$tmp/standin.rb"; fi

echo 'action: a changed archive is rejected'
echo >>"$releases/standin-$version-x86_64-unknown-linux-gnu.tgz"
if "$packaging/action/install.sh" >"$tmp/rejected" 2>&1; then
    echo 'a changed archive was installed' >&2
    exit 1
fi
