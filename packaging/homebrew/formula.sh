#!/usr/bin/env bash
# Prints the Homebrew formula of a release.
#
# Run: packaging/homebrew/formula.sh VERSION URL SUMS >standin.rb
#   URL is that of the folder with the archives, SUMS the file with their SHA-256 sums
set -euo pipefail

[ $# -eq 3 ] || { sed -n '2,5s/^# \?//p' "$0" >&2; exit 2; }
version=$1 url=$2 sums=$3

# Prints url and sha256 of the archive of a target.
archive() {
    local file=standin-$version-$1.tgz sum
    sum=$(awk -v file="$file" '$2 == file || $2 == "*" file {print $1}' "$sums")
    [ -n "$sum" ] || { echo "$sums has no $file" >&2; exit 1; }
    printf 'url "%s/%s"\n      sha256 "%s"' "$url" "$file" "$sum"
}

mac_arm=$(archive aarch64-apple-darwin)
mac_intel=$(archive x86_64-apple-darwin)
linux_arm=$(archive aarch64-unknown-linux-gnu)
linux_intel=$(archive x86_64-unknown-linux-gnu)
cat <<RUBY
class Standin < Formula
  desc "Mock server for HTTP APIs that behaves like the real one"
  homepage "${url%/releases/*}"
  version "$version"
  license any_of: ["MIT", "Apache-2.0"]

  on_macos do
    on_arm do
      $mac_arm
    end
    on_intel do
      $mac_intel
    end
  end

  on_linux do
    on_arm do
      $linux_arm
    end
    on_intel do
      $linux_intel
    end
  end

  def install
    bin.install "standin"
    man1.install Dir["man1/*.1"]
    bash_completion.install "completions/standin.bash" => "standin"
    zsh_completion.install "completions/_standin"
    fish_completion.install "completions/standin.fish"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/standin --version")
    assert_match "staff", shell_output("#{bin}/standin tokens")
  end
end
RUBY
