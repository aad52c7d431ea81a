#!/usr/bin/env bash
# Shows that OAuth's code flow works with a client library as apps use it: oauth_flow.py lets Authlib log in a person.
#
# Needs python3 with venv, and a package index. Everything is put into a temporary folder.
# Run: tests/clients/oauth_flow.sh [standin binary]
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
standin=${1:-$root/target/release/standin}
tmp=$(mktemp -d)
mock=
trap '[ -z "$mock" ] || kill "$mock" 2>/dev/null || true; rm -rf "$tmp"' EXIT
export PYTHONDONTWRITEBYTECODE=1

python3 -m venv "$tmp/venv"
"$tmp/venv/bin/pip" install --quiet --disable-pip-version-check Authlib==1.6.5 'requests>=2.32,<3' >"$tmp/log" 2>&1 ||
    { cat "$tmp/log" >&2; exit 1; }
echo "installed Authlib"

"$standin" serve --port 0 >"$tmp/mock.out" 2>"$tmp/mock.err" &
mock=$!
for _ in $(seq 100); do
    grep -q '^try' "$tmp/mock.out" && break
    kill -0 "$mock" 2>/dev/null || break
    sleep 0.1
done
fallback=$(awk '$1 == "fallback" {print $2}' "$tmp/mock.out")
token=$(awk '$1 == "directory" {print $2}' "$tmp/mock.out")
[ -n "$fallback" ] && [ -n "$token" ] || { cat "$tmp/mock.out" "$tmp/mock.err" >&2; exit 1; }

"$tmp/venv/bin/python" "$here/oauth_flow.py" "${fallback%/api2}" "$token"
