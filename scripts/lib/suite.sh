# shellcheck shell=bash
# Servers of a suite's own, stopped again however it ends. Needs output.sh, ports.sh, postgres.sh and mongo.sh.

SUITE_FOLDER=""
SUITE_RUNNING=""

# Runs a command in a process group of its own, so that an interruption can end all of it.
run() {
    set -m
    "$@" </dev/null &
    SUITE_RUNNING=$!
    set +m
    local code=0
    wait "$SUITE_RUNNING" || code=$?
    SUITE_RUNNING=""
    return "$code"
}

# The processes of what runs: `swift test` puts the tests in a group of their own, and they their programs.
suite_processes() {
    cat /proc/[0-9]*/stat 2>/dev/null | awk -v first="$SUITE_RUNNING" '
        { pid = $1; sub(/^.*\) . /, ""); parent[pid] = $1; group[pid] = $2 }
        END {
            for (pid in parent)
                for (p = pid; p in parent; p = parent[p])
                    if (p == first || group[p] == first) { print pid; break }
        }'
}

suite_cleanup() {
    trap - EXIT
    trap '' INT TERM HUP
    if [[ -n $SUITE_RUNNING ]]; then
        local processes
        mapfile -t processes < <(suite_processes)
        # What stands still begins nothing that the list would miss.
        kill -STOP "${processes[@]}" 2>/dev/null || true
        mapfile -t processes < <(suite_processes)
        kill -TERM "${processes[@]}" 2>/dev/null || true
        kill -CONT "${processes[@]}" 2>/dev/null || true
        for _ in {1..50}; do
            kill -0 "${processes[@]}" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL "${processes[@]}" 2>/dev/null || true
    fi
    # Not every suite has one.
    if declare -F s3_stop >/dev/null; then s3_stop; fi
    if declare -F livekit_stop >/dev/null; then livekit_stop; fi
    mongo_stop
    postgres_stop
    if [[ -n $SUITE_FOLDER ]]; then rm -rf "$SUITE_FOLDER"; fi
}

suite_traps() {
    trap suite_cleanup EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

# suite_servers PARENT: starts PostgreSQL and SecantusDB in a new folder there, SUITE_FOLDER, and exports where they are.
suite_servers() {
    SUITE_FOLDER=$(mktemp -d "$1/vestibule-test.XXXXXX")
    # The server's own user has to get through to its folder.
    chmod 711 "$SUITE_FOLDER"
    step "Starting PostgreSQL and SecantusDB"
    postgres_start "$SUITE_FOLDER"
    mongo_start "$SUITE_FOLDER"
    export TEST_DATABASE_URL=$POSTGRES_URL TEST_MONGODB_URI=$MONGO_URI
}
