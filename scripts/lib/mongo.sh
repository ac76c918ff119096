# shellcheck shell=bash
# A MongoDB-protocol server of our own (SecantusDB, from .venv) on a free port of 127.0.0.1.
# Needs output.sh, ports.sh and python.sh. Servers that already run are neither used nor touched.

mongo_answers() {
    .venv/bin/python - "$1" <<'PYTHON'
import sys
import pymongo
uri = f"mongodb://127.0.0.1:{sys.argv[1]}/?directConnection=true"
pymongo.MongoClient(uri, serverSelectionTimeoutMS=1000).admin.command("ping")
PYTHON
}

# mongo_start FOLDER: starts a server whose files are in FOLDER/mongo. Sets MONGO_PID and MONGO_URI.
mongo_start() {
    local port log=$1/mongo.log
    for _ in 1 2 3 4 5; do
        port=$(free_port)
        # A config file of the user's would otherwise be picked up, hence the empty one.
        : >"$1/secantusd.toml"
        .venv/bin/secantusd-py --config "$1/secantusd.toml" --host 127.0.0.1 --port "$port" \
            --storage-path "$1/mongo" --log-level WARNING >"$log" 2>&1 </dev/null &
        MONGO_PID=$!
        if wait_for 30 "$MONGO_PID" mongo_answers "$port"; then
            # shellcheck disable=SC2034  # for the script that sources this file
            MONGO_URI="mongodb://127.0.0.1:$port/?directConnection=true"
            return
        fi
        stop_process "$MONGO_PID"
    done
    fail "SecantusDB did not start: $(tail -n 20 "$log")"
}

mongo_stop() {
    [[ -n ${MONGO_PID:-} ]] || return 0
    stop_process "$MONGO_PID"
}
