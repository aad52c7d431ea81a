#!/usr/bin/env bash
# Shows that the wheel works in an empty environment outside the repository: the SDK suite of examples/python with four workers
# of pytest-xdist against one mock, and the type hints with mypy.
#
# Needs maturin, which .ci/install installs, and the Rust toolchain.
# Run: tests/clients/python_package.sh [profile of cargo, such as release; dev without it]
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/mock.sh"
require maturin
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target}
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_CONSTRAINT=$root/.ci/python-constraints.txt

(cd "$root/packaging/python" && quietly maturin build --profile "${1:-dev}" --locked --out "$tmp/wheels")
python3 -m venv "$tmp/venv"
quietly "$tmp/venv/bin/pip" install "$tmp"/wheels/standin_mock-*.whl pytest pytest-xdist httpx requests aiohttp mypy
unset STANDIN
PATH=$tmp/venv/bin:$PATH
cp -r "$root/examples/python" "$tmp/suite"
cd "$tmp/suite"

standin --version
echo 'pytest-xdist, four workers'
pytest -q -n 4 -p no:cacheprovider
echo 'pytest, one process'
pytest -q -p no:cacheprovider tests/test_resilience.py
echo 'mypy --strict'
cat >"$tmp/typed.py" <<'PYTHON'
import standin_mock

with standin_mock.start("--now", "2026-02-08T10:00:00Z") as server, server.session() as api:
    record = api.seed("client", first_name="Ada", business_uid=api.params["business_uid"])
    reveal_type(api.record("client", record["id"]))
    reveal_type(api.requests)
PYTHON
mypy --strict --cache-dir "$tmp/mypy" "$tmp/typed.py"
sed -i '/reveal_type/d' "$tmp/typed.py"
python "$tmp/typed.py"

# The mock has ended with the programs that have started it.
if pgrep -f "$tmp/venv/bin/standin serve" >/dev/null; then
    echo 'a mock is still running' >&2
    exit 1
fi
