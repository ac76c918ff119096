#!/usr/bin/env bash
# Formatting of Swift, shell scripts, and what may not be tracked. Changes nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/lib/output.sh
. scripts/lib/swift.sh

require_swift
status=0

step "swift format"
swift format lint --strict --parallel --recursive Package.swift Sources Tests migrations || status=1

step "shellcheck"
if command -v shellcheck >/dev/null; then
    shellcheck --external-sources scripts/*.sh scripts/lib/*.sh .ci/run || status=1
elif [[ ${CI:-} == true ]]; then
    fail "shellcheck is not installed: scripts/install-packages.sh test"
else
    echo "not installed, left out: scripts/install-packages.sh test" >&2
fi

step "tracked files"
# Made on each machine, or private to it.
if git ls-files | grep -E '(^|/)(Package\.resolved|\.env|\.build[^/]*/.*|\.venv/.*|.*\.(swp|db|db-wal|db-shm))$|^data/|^uploads/whatsapp/[^.]' >&2; then
    echo "error: these files must not be tracked" >&2
    status=1
fi
if git grep -nIE '^(<<<<<<<|>>>>>>>) |[[:blank:]]+$' -- . ':!*.md' >&2; then
    echo "error: conflict markers or white space at line ends" >&2
    status=1
fi
for script in scripts/*.sh .ci/run; do
    [[ -x $script ]] || { echo "error: $script is not executable" >&2; status=1; }
done

step "pages"
scripts/check-docs.sh || status=1
exit "$status"
