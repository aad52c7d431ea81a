#!/usr/bin/env bash
# Shows that the npm packages work in an empty folder outside the repository: the SDK suite of examples/javascript with four
# workers of vitest against one mock, jest, node:test, the Vite plugin, the types and the command.
#
# Needs npm and openapi-typescript, which .ci/install installs. Run: tests/clients/npm_package.sh [standin binary]
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/mock.sh"
standin=${1:-$root/target/debug/standin}
require openapi-typescript
own=$root/tests/clients/npm_package

quietly "$root/packaging/npm/build.sh" "$standin" linux-x64 "$tmp/packed"
cp -r "$root/examples/javascript" "$tmp/suite"
cp "$own"/* "$tmp/suite"
cd "$tmp/suite"
unset STANDIN
# npm skips the packages of other platforms, which are optional.
quietly npm install --no-audit --no-fund --save-dev "$tmp"/packed/standin-mock-linux-x64-*.tgz \
    "$tmp"/packed/standin-mock-[0-9]*.tgz vitest@3.2.4 jest@30.2.0 typescript@5.9.3 @types/node@20

npx standin --version
node --eval 'console.log(require("@standin/mock/schemas/resources.schema.json").title ?? "schemas")'
echo 'vitest, four workers'
npx vitest run --no-cache
echo 'jest'
npx jest --ci
echo 'node:test'
node --test sessions.node.mjs
echo 'Vite'
node vite.mjs
echo 'types'
npx tsc --project tsconfig.json

# The mock has ended with the programs that have started it.
if pgrep -f "$tmp/suite/node_modules/@standin/mock-linux-x64/bin/standin serve" >/dev/null; then
    echo 'a mock is still running' >&2
    exit 1
fi
