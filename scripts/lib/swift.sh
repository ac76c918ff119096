# shellcheck shell=bash
# Needs output.sh.

# Fails with what to do unless a Swift toolchain that can build the package is in PATH.
require_swift() {
    local version
    command -v swift >/dev/null ||
        fail "swift is not in PATH. Swift 6.2 or later is needed: https://www.swift.org/install/linux/"
    version=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+\.[0-9]+).*/\1/p' | head -n 1)
    [[ -n $version ]] || fail "swift --version gives no version. Is the toolchain complete ($(command -v swift))?"
    [[ $(printf '%s\n' 6.2 "$version" | sort -V | head -n 1) == 6.2 ]] ||
        fail "Swift 6.2 or later is needed, this is $version ($(command -v swift)): https://www.swift.org/install/linux/"
}
