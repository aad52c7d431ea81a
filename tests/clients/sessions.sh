#!/usr/bin/env bash
# Shows that parallel workers of pytest-xdist and vitest share one mock without seeing each other's records.
#
# Needs pytest-xdist and vitest, which .ci/install installs. Run: tests/clients/sessions.sh [standin binary]
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/mock.sh"
standin=${1:-$root/target/debug/standin}
require pytest
require vitest

start_mock "$standin" --threads 2
URL=$(mock_value 'fallback') TOKEN=$(mock_value staff)
export URL TOKEN
suite=$root/tests/clients/sessions

for by in header prefix token; do
    echo "pytest-xdist, four workers, session by $by"
    BY=$by pytest -q -n 4 -p no:cacheprovider "$suite/test_isolation.py"
done

# vitest runs one file in one worker. node_modules has to be above the files.
folder=$root/target/ci/vitest
rm -rf "$folder" && mkdir -p "$folder"
for worker in 1 2 3 4; do
    cp "$suite/isolation.test.mjs" "$folder/worker-$worker.test.mjs"
done
echo 'vitest, four workers, session by token'
(cd "$folder" && vitest run --no-cache --maxWorkers 4 --minWorkers 4 --testTimeout 60000)
