#!/usr/bin/env bash
# Shows that the image works: buildah builds it from a static program, and the program runs in its root file system as user
# 65532 and as process 1, reports its health, prints an admin token and ends within a second of SIGTERM.
#
# Needs root, buildah, and a static program, built as packaging/container/Containerfile does.
# The file system is entered with chroot, since the machines that run this may not start containers.
# Run: tests/clients/container.sh STANDIN
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/mock.sh"
standin=${1:?pass the path of a static program}
require buildah
if ldd "$standin" >/dev/null 2>&1 && ! ldd "$standin" 2>&1 | grep -q 'statically linked'; then
    echo "$standin is not static" >&2
    exit 1
fi

mkdir "$tmp/context"
cp "$standin" "$tmp/context/standin"
cp "$root/packaging/container/Containerfile" "$tmp/context"
build() { buildah --root "$tmp/storage" --runroot "$tmp/run" --storage-driver vfs "$@"; }
quietly build bud --format docker --isolation chroot --build-arg SOURCE=prebuilt --tag standin "$tmp/context"
build inspect --type image standin >"$tmp/image.json"
python3 - "$tmp/image.json" <<'PYTHON'
import json, sys
image = json.load(open(sys.argv[1]))["Docker"]["config"]
assert image["User"] == "65532:65532", image["User"]
assert image["Entrypoint"] == ["/standin"] and image["StopSignal"] == "SIGTERM", image
assert image["Cmd"] == ["serve", "--host", "0.0.0.0", "--control-host", "0.0.0.0", "--admin-token", "generate"], image["Cmd"]
assert image["Healthcheck"]["Test"][:3] == ["CMD", "/standin", "wait"], image["Healthcheck"]
print("image: user", image["User"], "ports", ", ".join(sorted(image["ExposedPorts"])))
PYTHON
container=$(build from standin)
files=$(build mount "$container")
[ "$(cd "$files" && find . -type f)" = ./standin ] || { echo 'the image has other files than the program' >&2; exit 1; }
echo "image: one file, $(($(stat --format %s "$files/standin") / 1024 / 1024)) MiB"

# Container engines make /dev; a program that is built in another way reads random numbers from it.
mkdir "$files/dev"
mknod -m 666 "$files/dev/random" c 1 8
mknod -m 666 "$files/dev/urandom" c 1 9

# Process 1 of a PID namespace has no default action for SIGTERM.
inside() { chroot --userspec=65532:65532 "$files" "$@"; }
unshare --pid --fork --kill-child chroot --userspec=65532:65532 "$files" \
    /standin serve --host 0.0.0.0 --port 0 --control-host 0.0.0.0 --admin-token generate --ready-json >"$tmp/ready" &
mock=$!
for _ in $(seq 100); do [ -s "$tmp/ready" ] && break; sleep 0.1; done
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$tmp/ready"; }
grep -q '"pid":1}' "$tmp/ready" || { echo 'the program is not process 1' >&2; exit 1; }
control=http://127.0.0.1:$(field control_url | sed 's/.*://')
inside /standin wait --timeout 1 "$control"
status() { curl --silent --output /dev/null --write-out '%{http_code}' "$@"; }
[ "$(status "$control/sessions")" = 401 ]
[ "$(status --header "Authorization: Bearer $(field admin_token)" "$control/sessions")" = 200 ]
first=$(pgrep --parent "$mock")
begun=$(date +%s%N)
kill -TERM "$first"
wait "$mock" || true
elapsed=$((($(date +%s%N) - begun) / 1000000))
mock=
echo "process 1 ended $elapsed ms after SIGTERM"
[ "$elapsed" -lt 1000 ]
if inside /standin wait --timeout 1 "$control" 2>/dev/null; then
    echo 'the health check succeeds without a server' >&2
    exit 1
fi
build umount "$container" >/dev/null
build rm "$container" >/dev/null
