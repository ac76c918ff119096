# shellcheck shell=bash

# Prints a TCP port that is free on 127.0.0.1 now. Another process may take it before it is used,
# so whoever starts a server on it checks that its own process is the one that answers, or tries again.
free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# wait_for SECONDS PID COMMAND…: runs COMMAND every 0.1 s until it succeeds.
# Fails when the time is up or when process PID has ended.
wait_for() {
    local deadline=$((SECONDS + $1)) pid=$2
    shift 2
    while kill -0 "$pid" 2>/dev/null; do
        if "$@" >/dev/null 2>&1; then
            # The answer could be another process's, if ours lost the race for the port and is gone.
            kill -0 "$pid" 2>/dev/null && return 0
            return 1
        fi
        ((SECONDS < deadline)) || return 1
        sleep 0.1
    done
    return 1
}

# stop_process PID: TERM, then KILL after 10 s; returns when the process has ended.
stop_process() {
    kill -TERM "$1" 2>/dev/null || return 0
    local tries=0
    while kill -0 "$1" 2>/dev/null; do
        if ((tries++ == 100)); then kill -KILL "$1" 2>/dev/null || true; fi
        sleep 0.1
    done
    wait "$1" 2>/dev/null || true
}
