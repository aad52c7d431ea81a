#!/usr/bin/env bash
# Downloads the archive of a release for this machine, checks its SHA-256 sum and puts the program on the path of later steps.
#
# Environment: STANDIN_VERSION, STANDIN_RELEASES (URL of the folder with a folder for each version), and those of a GitHub
# action: RUNNER_OS, RUNNER_ARCH, RUNNER_TEMP, GITHUB_PATH
set -euo pipefail

case $RUNNER_OS-$RUNNER_ARCH in
Linux-X64) target=x86_64-unknown-linux-gnu.tgz ;;
Linux-ARM64) target=aarch64-unknown-linux-gnu.tgz ;;
macOS-X64) target=x86_64-apple-darwin.tgz ;;
macOS-ARM64) target=aarch64-apple-darwin.tgz ;;
Windows-X64) target=x86_64-pc-windows-msvc.zip ;;
*)
    echo "::error::there is no standin for $RUNNER_OS on $RUNNER_ARCH"
    exit 1
    ;;
esac
file=standin-$STANDIN_VERSION-$target
folder=$RUNNER_TEMP/standin-$STANDIN_VERSION
mkdir -p "$folder"
cd "$folder"
for name in "$file" SHA256SUMS; do
    curl --fail --silent --show-error --location --retry 3 --remote-name "$STANDIN_RELEASES/v$STANDIN_VERSION/$name"
done
awk -v file="$file" '$2 == file || $2 == "*" file' SHA256SUMS >sum
[ -s sum ] || { echo "::error::SHA256SUMS has no $file"; exit 1; }
if command -v sha256sum >/dev/null; then sha256sum --check --quiet sum; else shasum --algorithm 256 --check --quiet sum; fi
case $file in
*.zip) 7z x -bso0 "$file" ;;
*) tar --extract --gzip --file "$file" ;;
esac
path=$folder/${file%.*}
"$path/standin" --version
echo "$path" >>"$GITHUB_PATH"
