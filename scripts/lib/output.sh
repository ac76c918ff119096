# shellcheck shell=bash
# What the scripts say, always on stderr: stdout belongs to the programs they run.

step() { printf '==> %s\n' "$*" >&2; }

fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}
