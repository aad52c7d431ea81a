#!/usr/bin/env bash
# Starts the mock in the background and writes its URLs and tokens to the outputs of the step. It ends with the job.
#
# Environment: STANDIN_ARGS (options of `standin serve`), RUNNER_TEMP, GITHUB_OUTPUT
set -euo pipefail

# The options are words: quotes in them are not interpreted. Old versions of bash, as on macOS, take an empty array for unset.
read -r -a options <<<"${STANDIN_ARGS:-}"
ready=$RUNNER_TEMP/standin-ready.json errors=$RUNNER_TEMP/standin.log
nohup standin serve --ready-json ${options[@]+"${options[@]}"} >"$ready" 2>"$errors" </dev/null &
for _ in $(seq 300); do
    [ -s "$ready" ] && break
    kill -0 $! 2>/dev/null || break
    sleep 0.1
done
[ -s "$ready" ] || { cat "$errors"; echo '::error::standin has not started'; exit 1; }
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$ready"; }
{
    echo "url=$(field url)"
    echo "control-url=$(field control_url)"
    echo "ready=$(cat "$ready")"
} >>"$GITHUB_OUTPUT"
