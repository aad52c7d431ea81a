#!/usr/bin/env bash
# Slow clients (slowhttptest) and many at once (h2load) against both ports: others are served all the time.
#
# Needs the Debian packages slowhttptest and nghttp2-client, curl and Python. Run: tests/clients/pressure.sh STANDIN [SECONDS]
set -euo pipefail
standin=$1 seconds=${2:-20}
folder=$(mktemp -d)
trap 'kill "$mock" 2>/dev/null; rm -rf "$folder"' EXIT
(ulimit -v 2097152 && exec "$standin" serve --port 0 --ready-json) >"$folder/ready" &
mock=$!
until [ -s "$folder/ready" ]; do sleep 0.1; done
read -r api control token < <(python3 -c '
import json, sys
ready = json.load(open(sys.argv[1]))
print(ready["urls"]["fallback"] + "/platform/v1/clients?per_page=1", ready["control_url"] + "/health", ready["tokens"]["staff"])' "$folder/ready")
ulimit -n 8192

# slowhttptest asks for the URL on a connection of its own all the time, and reports whether it is served.
slow() {
    local url=$1 name=$2
    shift 2
    slowhttptest "$@" -u "$url" -r 400 -l "$seconds" -p 5 >"$folder/slow" 2>&1 || true
    local seen
    seen=$(sed 's/\x1b\[[0-9;]*m//g' "$folder/slow" | grep 'service available' | sort | uniq -c)
    echo "$name: $url:" $seen
    if [ -z "$seen" ] || grep -q NO <<<"$seen"; then
        sed 's/\x1b\[[0-9;]*m//g' "$folder/slow" | tail -40
        exit 1
    fi
}

for url in "$api" "$control"; do
    count=2000
    [ "$url" = "$control" ] && count=300
    slow "$url" 'slow headers' -H -c "$count" -i 3
    slow "$url" 'slow bodies' -B -c "$count" -i 3 -s 4096
    slow "$url" 'slow reading' -X -c "$count" -n 5 -w 1 -y 16 -z 8 -k 4
done

for url in "$api" "$control"; do
    h2load --h1 --header="Authorization: Bearer $token" --requests=100000 --clients=256 --threads=1 "$url" >"$folder/h2load"
    grep -E 'finished in|requests:|status codes' "$folder/h2load"
    grep -q ' 100000 succeeded, 0 failed, 0 errored, 0 timeout' "$folder/h2load"
done
[ "$(curl --silent --output /dev/null --max-time 5 --write-out '%{http_code}' "$control")" = 200 ]
grep VmHWM "/proc/$mock/status"
