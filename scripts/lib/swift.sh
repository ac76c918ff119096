# shellcheck shell=bash
# Needs output.sh.

# Fails with what to do unless a Swift toolchain that can build the package is in PATH.
require_swift() {
    local where answer version page=https://www.swift.org/install/linux/
    where=$(command -v swift) || fail "swift is not in PATH. Swift 6.2 or later is needed: $page"
    answer=$(swift --version 2>&1) || fail "$where does not run; are the packages that Swift itself needs installed ($page)? $answer"
    version=$(sed -nE 's/.*Swift version ([0-9]+\.[0-9]+).*/\1/p' <<<"$answer" | head -n 1)
    [[ -n $version ]] || fail "$where does not tell its version: $answer"
    [[ $(printf '%s\n' 6.2 "$version" | sort -V | head -n 1) == 6.2 ]] ||
        fail "Swift 6.2 or later is needed ($page); $where is $version"
}
