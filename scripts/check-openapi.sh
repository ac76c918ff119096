#!/usr/bin/env bash
# Is openapi.yaml valid, and does the program answer as it says? Schemathesis sends each operation requests that are
# right and requests that are wrong, and compares status, headers and body with the description.
#   scripts/check-openapi.sh [PROGRAM]      PROGRAM is .build/debug/vestibule unless told otherwise
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/lib/output.sh
. scripts/lib/ports.sh
. scripts/lib/python.sh
. scripts/lib/program.sh

program=$(realpath "${1:-.build/debug/vestibule}")
[[ -x $program ]] || fail "$program is not there: swift build"
python_environment

folder=$(mktemp -d "${TMPDIR:-/tmp}/vestibule-openapi.XXXXXX")
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

.venv/bin/openapi-spec-validator openapi.yaml >&2

readonly key=a-key-for-the-openapi-check
# There is no LiveKit; what it is asked waits.
program_start "$program" "$folder" API_KEYS="$key" LIVEKIT_URL=ws://127.0.0.1:9 LIVEKIT_API_KEY=check-key \
    LIVEKIT_API_SECRET=check-secret-of-thirty-two-characters
call() { curl --noproxy '*' --silent --show-error --fail "$@"; }

# The customer of the examples has written, and sent a picture; so right requests find what they name.
customer=http://127.0.0.1:$SIMULATOR_PORT/sim/phones/+15550100001/messages
call --output /dev/null --json '{"text":"Hello"}' "$customer"
call --output /dev/null --json '{"image":{"sample":true}}' "$customer"
picture_name() {
    call --header "X-API-Key: $key" "http://127.0.0.1:$PROGRAM_PORT/whatsapp/messages/+15550100001" |
        grep -oE '/uploads/whatsapp/[^"]+' | head -n 1 | xargs basename
}
wait_for 30 "$PROGRAM_PID" picture_name ||
    fail "the simulated customer's messages did not arrive: $(tail -n 20 "$folder/log")"
CHECK_MEDIA_NAME=$(picture_name)
# The simulator's; everybody knows it.
export CHECK_MEDIA_NAME CHECK_APP_SECRET=simulator-secret

# In the folder, since it leaves files where it is started.
root=$PWD
(
    cd "$folder"
    export PYTHONDONTWRITEBYTECODE=1 SCHEMATHESIS_HOOKS=$root/scripts/schemathesis_hooks.py
    "$root/.venv/bin/schemathesis" --config-file "$root/scripts/schemathesis.toml" run "$root/openapi.yaml" \
        --url "http://127.0.0.1:$PROGRAM_PORT" --header "Authorization: Bearer $key" >&2 </dev/null
)
kill -0 "$PROGRAM_PID" 2>/dev/null || fail "the program has stopped: $(tail -n 20 "$folder/log")"
