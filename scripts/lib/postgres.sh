# shellcheck shell=bash
# A PostgreSQL server of our own: a new data directory, a free port on 127.0.0.1, fsync on, a random password.
# Needs output.sh and ports.sh. Servers that already run are neither used nor touched.

# Prints the folder of the newest installed server (15 or later), or of $POSTGRES_BIN.
postgres_bin() {
    local folder
    if [[ -n ${POSTGRES_BIN:-} ]]; then
        [[ -x $POSTGRES_BIN/initdb ]] && printf '%s\n' "$POSTGRES_BIN"
        return
    fi
    for folder in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV); do
        [[ -x $folder/initdb && $(basename "$(dirname "$folder")") -ge 15 ]] || continue
        printf '%s\n' "$folder"
        return
    done
    folder=$(dirname "$(command -v initdb)" 2>/dev/null) && [[ -x $folder/initdb ]] && printf '%s\n' "$folder"
}

# PostgreSQL refuses to run as root: then it runs as the package's own user.
as_postgres() {
    if ((EUID == 0)); then
        (cd / && runuser -u "$POSTGRES_USER" -- "$@")
    else
        "$@"
    fi
}

# postgres_start FOLDER [SETTING=VALUE…]: starts a server whose files are in FOLDER/postgres.
# Sets POSTGRES_BIN, POSTGRES_DATA, POSTGRES_PORT and POSTGRES_URL (of a superuser).
postgres_start() {
    local files=$1/postgres password options setting try
    shift
    POSTGRES_BIN=$(postgres_bin) || fail "no PostgreSQL server (15 or later) is installed"
    POSTGRES_USER=postgres
    id -u "$POSTGRES_USER" >/dev/null 2>&1 || POSTGRES_USER=nobody
    POSTGRES_DATA=$files/data
    mkdir -m 700 "$files"
    password=$(python3 -c 'import secrets; print(secrets.token_hex(16))')
    (umask 077 && printf '%s\n' "$password" >"$files/password")
    if ((EUID == 0)); then chown -R "$POSTGRES_USER" "$files"; fi

    as_postgres "$POSTGRES_BIN/initdb" --pgdata "$POSTGRES_DATA" --username postgres --pwfile "$files/password" \
        --auth scram-sha-256 --encoding UTF8 --locale C --no-instructions >"$files/initdb.log" 2>&1 </dev/null ||
        fail "initdb failed: $(cat "$files/initdb.log")"

    for try in 1 2 3 4 5; do
        POSTGRES_PORT=$(free_port)
        options="-c listen_addresses=127.0.0.1 -c port=$POSTGRES_PORT -c unix_socket_directories= -c max_connections=300"
        for setting in "$@"; do options+=" -c $setting"; done
        # pg_ctl watches its own server's pid file, so it can't mistake another server on that port for this one.
        if as_postgres "$POSTGRES_BIN/pg_ctl" start --pgdata "$POSTGRES_DATA" --wait --timeout 60 --silent \
            --log "$files/server.log" --options "$options" >/dev/null 2>&1 </dev/null; then
            # shellcheck disable=SC2034  # for the script that sources this file
            POSTGRES_URL="postgres://postgres:$password@127.0.0.1:$POSTGRES_PORT/postgres"
            return
        fi
    done
    fail "PostgreSQL did not start (tried $try ports): $(tail -n 20 "$files/server.log")"
}

postgres_stop() {
    [[ -n ${POSTGRES_DATA:-} && -f $POSTGRES_DATA/postmaster.pid ]] || return 0
    as_postgres "$POSTGRES_BIN/pg_ctl" stop --pgdata "$POSTGRES_DATA" --mode immediate --wait --timeout 30 --silent \
        >/dev/null 2>&1 </dev/null || true
}
