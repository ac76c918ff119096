#!/usr/bin/env bash
# Measures signed webhooks a second on a private PostgreSQL, beside pgbench on the same server, and files served beside
# nginx, and searches. Arguments go to bench/webhooks.py (--help lists them), bench/serving.py and bench/search.py;
# BENCH_PARTS names those to run. Raw figures are kept in .build/bench.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/lib/output.sh
. scripts/lib/ports.sh
. scripts/lib/postgres.sh

folder=""
program=""
cleanup() {
    trap - EXIT
    trap '' INT TERM HUP
    if [[ -n $program ]]; then stop_process "$program"; fi
    postgres_stop
    if [[ -n $folder ]]; then rm -rf "$folder"; fi
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

scripts/install-packages.sh bench
step "Building in release"
swift build --configuration release --product vestibule
mkdir -p .build/bench
cc -O2 -Wall -Wextra -Werror -o .build/bench/load bench/load.c

# Not in /tmp, which may be memory: what is measured is mostly how fast the disk commits.
folder=$(mktemp -d /var/tmp/vestibule-bench.XXXXXX)
chmod 711 "$folder"
step "Starting PostgreSQL (fsync on)"
postgres_start "$folder" fsync=on synchronous_commit=on shared_buffers=512MB max_wal_size=8GB checkpoint_timeout=30min

authority=${POSTGRES_URL#postgres://*:}
export PGHOST=127.0.0.1 PGPORT=$POSTGRES_PORT PGUSER=postgres PGPASSWORD=${authority%%@*} POSTGRES_BIN
export BENCH_FOLDER=$folder BENCH_RESULTS=$PWD/.build/bench BENCH_LOAD=$PWD/.build/bench/load
export BENCH_SERVER_LOG=$folder/postgres/server.log
export BENCH_PROGRAM=$PWD/.build/release/vestibule PYTHONDONTWRITEBYTECODE=1
for part in ${BENCH_PARTS:-webhooks live serving search}; do
    python3 "bench/$part.py" "$@" </dev/null &
    program=$!
    wait "$program"
done
