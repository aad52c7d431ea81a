# Sourced by the scripts beside it. Makes the temporary folder $tmp and starts the mock on free ports; both are removed when
# the script ends. Programs that `.ci/install` has put into target/ci are found first.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
PATH=$root/target/ci/python/bin:$root/target/ci/node_modules/.bin:$root/target/ci/bin:$PATH
export PYTHONDONTWRITEBYTECODE=1

tmp=$(mktemp -d)
mock=
trap '[ -z "$mock" ] || kill "$mock" 2>/dev/null || true; rm -rf "$tmp"' EXIT

# Ends the script when a program is missing: require COMMAND.
require() {
    command -v "$1" >/dev/null || { echo "$1 is not installed; .ci/install installs it" >&2; exit 1; }
}

# Runs a command and shows its output only when it fails.
quietly() {
    "$@" >"$tmp/log" 2>&1 || { cat "$tmp/log" >&2; echo "failed: $*" >&2; exit 1; }
}

# Starts the mock and waits for at most a minute until it listens: start_mock STANDIN [options of `standin serve`].
start_mock() {
    "$1" serve --port 0 "${@:2}" >"$tmp/mock.out" 2>"$tmp/mock.err" &
    mock=$!
    for _ in $(seq 600); do
        grep -qs '^control' "$tmp/mock.out" && return
        kill -0 "$mock" 2>/dev/null || break
        sleep 0.1
    done
    cat "$tmp/mock.out" "$tmp/mock.err" >&2
    echo "the mock did not start" >&2
    exit 1
}

# Prints a base URL or a token of the mock, by the name in its output: mock_value 'main gateway', mock_value staff.
mock_value() {
    awk -v name="$1" 'index($0, name) == 1 || $1 == name {print $NF; exit}' "$tmp/mock.out"
}

# Prints a setting that the fixtures were generated with, from their index: fixture_setting now.
fixture_setting() {
    sed -n "s/^ *\"$1\": \"\(.*\)\".*/\1/p" "$tmp/fixtures/index.json" | head -1
}
