# Sourced by the scripts beside it: a temporary folder $tmp, and a mock on free ports; both go when the script ends.

tmp=$(mktemp -d)
mock=
trap '[ -z "$mock" ] || kill "$mock" 2>/dev/null || true; rm -rf "$tmp"' EXIT

# Whatever a step prints is shown only when the step fails.
quietly() {
    "$@" >"$tmp/log" 2>&1 || { cat "$tmp/log" >&2; echo "failed: $*" >&2; exit 1; }
}

# Starts the mock: start_mock STANDIN [options of `standin serve`]. Ends the script when it does not listen.
start_mock() {
    "$1" serve --port 0 "${@:2}" >"$tmp/mock.out" 2>"$tmp/mock.err" &
    mock=$!
    for _ in $(seq 100); do
        grep -qs '^try' "$tmp/mock.out" && return
        kill -0 "$mock" 2>/dev/null || break
        sleep 0.1
    done
    cat "$tmp/mock.out" "$tmp/mock.err" >&2
    exit 1
}

# The last word of the line of the mock's greeting that begins so: `said 'main gateway'`, `said staff`.
said() {
    awk -v name="$1" 'index($0, name) == 1 || $1 == name {print $NF; exit}' "$tmp/mock.out"
}

# What an index of fixtures says: `about now`.
about() {
    sed -n "s/^ *\"$1\": \"\(.*\)\".*/\1/p" "$tmp/fixtures/index.json" | head -1
}
