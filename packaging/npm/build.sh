#!/usr/bin/env bash
# Packs the npm packages: that of one platform with its program, and @standin/mock, whose types are generated from the OpenAPI
# document of the control API. The version is that of Cargo.toml.
#
# Needs npm and openapi-typescript 7. Run: packaging/npm/build.sh STANDIN PLATFORM OUT [STANDIN that runs here]
#   PLATFORM is that of Node.js: linux-x64, linux-arm64, darwin-x64, darwin-arm64, win32-x64
set -euo pipefail

[ $# -ge 3 ] || { sed -n '2,7s/^# \?//p' "$0" >&2; exit 2; }
standin=$(realpath "$1") platform=$2 runnable=$(realpath "${4:-$1}")
mkdir -p "$3"
out=$(realpath "$3")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$here/../../Cargo.toml" | head -1)
tmp=$(mktemp -d)
trap 'exec 3>&-; rm -rf "$tmp"' EXIT

# The package of the platform.
program=standin
[ "${platform%-*}" != win32 ] || program=standin.exe
mkdir -p "$tmp/platform/bin"
cp "$standin" "$tmp/platform/bin/$program"
cp "$here"/../../LICENSE-* "$tmp/platform/"
cat >"$tmp/platform/package.json" <<JSON
{
  "name": "@standin/mock-$platform",
  "version": "$version",
  "description": "The program of @standin/mock for $platform",
  "license": "MIT OR Apache-2.0",
  "os": ["${platform%-*}"],
  "cpu": ["${platform#*-}"],
  "files": ["bin", "LICENSE-*"],
  "preferUnplugged": true
}
JSON
echo "The program of \`@standin/mock\` for $platform." >"$tmp/platform/README.md"

# The types of the control API, from a server that runs as long as descriptor 3 is open.
mkfifo "$tmp/stdin"
"$runnable" serve --port 0 --ready-json --stop-on-eof --quiet <"$tmp/stdin" >"$tmp/ready" &
exec 3>"$tmp/stdin"
for _ in $(seq 600); do [ -s "$tmp/ready" ] && break; sleep 0.1; done
control=$(sed -n 's/.*"control_url":"\([^"]*\)".*/\1/p' "$tmp/ready")
cp -r "$here" "$tmp/main"
rm "$tmp/main/build.sh"
cp "$here"/../../LICENSE-* "$tmp/main/"
openapi-typescript "$control/openapi.json" --output "$tmp/main/types/control-api.d.ts" >"$tmp/log" 2>&1 ||
    { cat "$tmp/log" >&2; exit 1; }
exec 3>&-
mkdir "$tmp/main/schemas"
for kind in api quirks resources scenario fixture; do
    "$runnable" schema "$kind" >"$tmp/main/schemas/$kind.schema.json"
done
sed -i "s/\"0\.1\.0\"/\"$version\"/" "$tmp/main/package.json"

npm pack --silent --pack-destination "$out" "$tmp/platform" "$tmp/main"
