# shellcheck shell=bash
# A LiveKit server of our own (from .venv) on a free port of 127.0.0.1. Needs output.sh, ports.sh and python.sh.

# livekit_start FOLDER: sets LIVEKIT_PID and LIVEKIT_TEST_URL.
livekit_start() {
    local port facts=$1/livekit log=$1/livekit.log
    for _ in 1 2 3 4 5; do
        port=$(free_port)
        .venv/bin/python scripts/livekit_server.py "$port" "$facts" >"$log" 2>&1 </dev/null &
        LIVEKIT_PID=$!
        if wait_for 60 "$LIVEKIT_PID" test -f "$facts"; then
            # shellcheck disable=SC2034  # for the script that sources this file
            read -r LIVEKIT_TEST_URL <"$facts"
            return
        fi
        stop_process "$LIVEKIT_PID"
    done
    fail "the LiveKit server did not start: $(tail -n 20 "$log")"
}

livekit_stop() {
    [[ -n ${LIVEKIT_PID:-} ]] || return 0
    stop_process "$LIVEKIT_PID"
}
