#!/usr/bin/env bash
# Do the commands of README.md and docs/api.md work as printed? They are run in their order against the program with
# the simulator; only the ports and the program's path are put in their place. curl fails on any status from 400 on.
#   scripts/check-examples.sh [PROGRAM]      PROGRAM is .build/debug/vestibule unless told otherwise
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/lib/output.sh
. scripts/lib/ports.sh
. scripts/lib/program.sh

program=$(realpath "${1:-.build/debug/vestibule}")
[[ -x $program ]] || fail "$program is not there: swift build"

folder=$(mktemp -d "${TMPDIR:-/tmp}/vestibule-examples.XXXXXX")
cleanup() {
    trap - EXIT
    trap '' INT TERM HUP
    program_stop
    rm -rf "$folder"
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# The commands in a page's plain fences, one a line, for a running server.
commands() {
    awk '
        /^```/ { open = !open; inside = open && $0 == "```"; next }
        inside { line = line $0 }
        inside && /\\$/ { sub(/\\$/, " ", line); next }
        inside && /,$/ { next }
        inside { print line; line = "" }
    ' "$1" | grep -E '^(curl|\.build/release/vestibule phone) ' |
        sed -e "s#\.build/release/vestibule phone [a-z]*#& --simulator http://127.0.0.1:$SIMULATOR_PORT#" \
            -e "s#\.build/release/vestibule#$program#" -e "s#http://127.0.0.1:3000#http://127.0.0.1:$PROGRAM_PORT#g" \
            -e "s#^curl#curl --noproxy '*' --silent --show-error --fail-with-body#"
}

# Runs a command. A stream (curl -N) works when it is still open after a while.
run_command() {
    if [[ $1 != *' -N '* ]]; then
        timeout 60 bash -c "$1"
        return
    fi
    local code=0
    timeout 3 bash -c "$1" || code=$?
    ((code == 124))
}

# The files of their own that readers are taken to have.
mkdir "$folder/files"
printf '%%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%%%EOF\n' >"$folder/files/offer.pdf"

status=0
count=0
for page in README.md docs/api.md; do
    # Each page begins at the beginning.
    mkdir "$folder/$(basename "$page")"
    program_start "$program" "$folder/$(basename "$page")"
    while read -r command; do
        ((++count))
        if ! answer=$(cd "$folder/files" && run_command "$command" 2>&1 </dev/null); then
            printf 'error: %s: %s\n%s\n' "$page" "$command" "$answer" >&2
            status=1
        fi
        # What a phone wrote arrives by webhook a moment later; a person types no faster.
        sleep 0.3
    done < <(commands "$page")
    program_stop
done
((count >= 15)) || fail "only $count commands were found in README.md and docs/api.md"
((status == 0)) || fail "examples do not work as printed"
step "$count commands work as printed"
