# Sourced by `run` and `long`: runs the steps one after the other and shows the time that each takes.

passed=0

elapsed() {
    printf '%d:%02d' $((SECONDS / 60)) $((SECONDS % 60))
}

# Runs one step: step TITLE COMMAND [ARGUMENTS]. Ends the script when the command fails.
step() {
    local title=$1 start=$SECONDS code=0
    shift
    printf '\n== [%s] %s\n' "$(elapsed)" "$title"
    "$@" || code=$?
    if [ "$code" -ne 0 ]; then
        printf '\n[%s] FAILED: %s (exit code %d)\nsteps: %d passed, 1 failed\n' "$(elapsed)" "$title" "$code" "$passed"
        exit "$code"
    fi
    passed=$((passed + 1))
    printf -- '-- %s: %d s\n' "$title" $((SECONDS - start))
}

# Prints the last line of a script whose steps have all passed.
finish() {
    printf '\n[%s] all steps passed\nsteps: %d passed, 0 failed\n' "$(elapsed)" "$passed"
}
