#!/usr/bin/env bash
# Checks the types of the web page's modules, then uses every view of the page in headless Chromium: flows, hostile texts,
# accessibility.
#
# Needs chromium, and TypeScript, playwright-core and axe-core from npm, which .ci/install installs.
# Run: tests/clients/page.sh [standin binary]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export STANDIN=${1:-$PWD/target/debug/standin}

target/ci/node_modules/.bin/tsc --project tests/clients/page
log=target/ci/page.log
code=0
node tests/clients/page/run.mjs >"$log" 2>&1 || code=$?
if [ "$code" -ne 0 ]; then
    cat "$log"
else
    grep -E '^ok|^# (pass|duration_ms)' "$log"
fi
exit "$code"
