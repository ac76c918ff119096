#!/usr/bin/env bash
# Is openapi.yaml valid, and does the program answer as it says? Schemathesis sends each operation requests that are
# right and requests that are wrong, and compares status, headers and body with the description.
#   scripts/check-openapi.sh [PROGRAM]      PROGRAM is .build/debug/vestibule unless told otherwise
# The program runs on SQLite with the simulator, on free ports and in a folder of its own.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/lib/output.sh
. scripts/lib/ports.sh
. scripts/lib/python.sh

program=$(realpath "${1:-.build/debug/vestibule}")
[[ -x $program ]] || fail "$program is not there: swift build"
python_environment

folder=$(mktemp -d "${TMPDIR:-/tmp}/vestibule-openapi.XXXXXX")
server=""
cleanup() {
    trap - EXIT
    trap '' INT TERM HUP
    if [[ -n $server ]]; then stop_process "$server"; fi
    rm -rf "$folder"
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

.venv/bin/openapi-spec-validator openapi.yaml >&2

# Nothing of the caller's settings reaches the program, neither by environment nor by a .env file.
readonly key=a-key-for-the-openapi-check
start() {
    local port=$1 simulator_port=$2
    (
        cd "$folder"
        exec env -i PATH="$PATH" HOME="$folder" PORT="$port" API_KEYS="$key" LOG_LEVEL=warning \
            "$program" serve --simulate --simulator-port "$simulator_port"
    ) >"$folder/log" 2>&1 </dev/null &
    server=$!
    wait_for 60 "$server" curl --silent --fail --max-time 2 "http://127.0.0.1:$port/health"
}
for try in 1 2 3; do
    port=$(free_port)
    simulator_port=$(free_port)
    start "$port" "$simulator_port" && break
    stop_process "$server"
    server=""
    ((try < 3)) || fail "the program did not start: $(tail -n 20 "$folder/log")"
done

# The customer of the examples has written, and sent a picture; so right requests find what they name.
say() {
    curl --silent --show-error --fail --output /dev/null --json "$1" \
        "http://127.0.0.1:$simulator_port/sim/phones/+15550100001/messages"
}
say '{"text":"Hello"}'
say '{"image":{"sample":true}}'
picture_name() {
    curl --silent --fail --header "X-API-Key: $key" "http://127.0.0.1:$port/whatsapp/messages/+15550100001" |
        grep -oE '/uploads/whatsapp/[^"]+' | head -n 1 | xargs basename
}
wait_for 30 "$server" picture_name ||
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
        --url "http://127.0.0.1:$port" --header "Authorization: Bearer $key" >&2 </dev/null
)
kill -0 "$server" 2>/dev/null || fail "the program has stopped: $(tail -n 20 "$folder/log")"
