# shellcheck shell=bash
# An S3 server of our own (moto, from .venv) on a free port of 127.0.0.1. Needs output.sh, ports.sh and python.sh.

# s3_start FOLDER: sets S3_PID, S3_URL, S3_TEST_BUCKET, S3_TEST_KEY (the gateway's, as id:secret) and S3_TEST_OWNER_KEY.
s3_start() {
    local port facts=$1/s3 log=$1/s3.log
    for _ in 1 2 3 4 5; do
        port=$(free_port)
        .venv/bin/python scripts/s3_server.py "$port" "$facts" >"$log" 2>&1 </dev/null &
        S3_PID=$!
        if wait_for 30 "$S3_PID" test -f "$facts"; then
            # shellcheck disable=SC2034  # for the script that sources this file
            S3_URL="http://127.0.0.1:$port"
            # shellcheck disable=SC2034
            read -r S3_TEST_BUCKET S3_TEST_KEY S3_TEST_OWNER_KEY <"$facts"
            return
        fi
        stop_process "$S3_PID"
    done
    fail "the S3 server did not start: $(tail -n 20 "$log")"
}

s3_stop() {
    [[ -n ${S3_PID:-} ]] || return 0
    stop_process "$S3_PID"
}
