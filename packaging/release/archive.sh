#!/usr/bin/env bash
# Makes the archive of a release: the program, manual pages, completions, JSON Schemas, licenses. Prints its path.
#
# Run: packaging/release/archive.sh STANDIN TARGET OUT [STANDIN that runs here]
#   TARGET is that of Rust, such as x86_64-unknown-linux-gnu
set -euo pipefail

[ $# -ge 3 ] || { sed -n '2,5s/^# \?//p' "$0" >&2; exit 2; }
standin=$1 target=$2 out=$3 runnable=${4:-$1}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$root/Cargo.toml" | head -1)
name=standin-$version-$target
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

folder=$tmp/$name
mkdir -p "$folder/completions" "$folder/schemas" "$out"
case $target in
*windows*) cp "$standin" "$folder/standin.exe" ;;
*) install -m 755 "$standin" "$folder/standin" ;;
esac
"$runnable" man --out "$folder/man1"
"$runnable" completions bash >"$folder/completions/standin.bash"
"$runnable" completions zsh >"$folder/completions/_standin"
"$runnable" completions fish >"$folder/completions/standin.fish"
"$runnable" completions powershell >"$folder/completions/standin.ps1"
for kind in api quirks resources scenario fixture; do
    "$runnable" schema "$kind" >"$folder/schemas/$kind.schema.json"
done
cp "$root"/LICENSE-* "$root/README.md" "$root/CHANGELOG.md" "$folder"
out=$(cd "$out" && pwd)
case $target in
*windows*)
    (cd "$tmp" && 7z a -bso0 "$out/$name.zip" "$name")
    echo "$out/$name.zip"
    ;;
*)
    tar --create --gzip --directory "$tmp" --file "$out/$name.tgz" "$name"
    echo "$out/$name.tgz"
    ;;
esac
