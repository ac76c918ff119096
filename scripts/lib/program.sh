# shellcheck shell=bash
# The built program with the simulator, on SQLite, free ports and a folder of its own. Needs output.sh and ports.sh.

# program_start PROGRAM FOLDER [SETTING=VALUE…]: sets PROGRAM_PID, PROGRAM_PORT and SIMULATOR_PORT.
# Nothing of the caller's settings reaches the program, neither by environment nor by a .env file.
program_start() {
    local program=$1 folder=$2 try
    shift 2
    for try in 1 2 3; do
        PROGRAM_PORT=$(free_port)
        SIMULATOR_PORT=$(free_port)
        (
            cd "$folder" || exit
            exec env -i PATH="$PATH" HOME="$folder" PORT="$PROGRAM_PORT" LOG_LEVEL=warning "$@" \
                "$program" serve --simulate --simulator-port "$SIMULATOR_PORT"
        ) >"$folder/log" 2>&1 </dev/null &
        PROGRAM_PID=$!
        wait_for 60 "$PROGRAM_PID" curl --noproxy '*' --silent --fail --max-time 2 \
            "http://127.0.0.1:$PROGRAM_PORT/health" && return
        stop_process "$PROGRAM_PID"
    done
    fail "the program did not start (tried $try times): $(tail -n 20 "$folder/log")"
}

program_stop() {
    if [[ -n ${PROGRAM_PID:-} ]]; then stop_process "$PROGRAM_PID"; fi
}
