#!/usr/bin/env bash
# Shows that the packaged crate works outside the repository as a library for tests: the SDK suite of examples/rust, in which 50
# tests run at the same time with one compiled engine.
#
# Needs the Rust toolchain. Run: tests/clients/rust_crate.sh [profile of cargo, such as release; dev without it]
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/mock.sh"
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target}
(cd "$root" && quietly cargo package --locked --allow-dirty --no-verify)
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$root/Cargo.toml" | head -1)
tar --extract --gzip --directory "$tmp" --file "$CARGO_TARGET_DIR/package/standin-$version.crate"
cp -r "$root/examples/rust" "$tmp/suite"
cd "$tmp/suite"
sed -i "s|path = \"../..\"|path = \"../standin-$version\"|" Cargo.toml
cargo test --quiet --profile "${1:-dev}" -- --test-threads 50
