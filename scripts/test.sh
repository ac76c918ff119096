#!/usr/bin/env bash
# Runs all tests against servers of its own, which it stops again, also when tests fail or are interrupted.
# Arguments go to `swift test` (--filter SQLTests); with arguments the checks of openapi.yaml and of the pages' examples
# are left out.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/lib/output.sh
. scripts/lib/ports.sh
. scripts/lib/postgres.sh
. scripts/lib/python.sh
. scripts/lib/mongo.sh

folder=""
running=""

# Runs a command in a process group of its own, so that an interruption can end all of it, children included.
run() {
    set -m
    "$@" </dev/null &
    running=$!
    set +m
    local code=0
    wait "$running" || code=$?
    running=""
    return "$code"
}

cleanup() {
    trap - EXIT
    trap '' INT TERM HUP
    if [[ -n $running ]]; then
        kill -TERM -- "-$running" 2>/dev/null || true
        for _ in {1..50}; do
            kill -0 -- "-$running" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL -- "-$running" 2>/dev/null || true
    fi
    mongo_stop
    postgres_stop
    if [[ -n $folder ]]; then rm -rf "$folder"; fi
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

scripts/install-packages.sh test
python_environment

step "Building the tests"
run swift build --build-tests

folder=$(mktemp -d "${TMPDIR:-/tmp}/vestibule-test.XXXXXX")
# The server's own user has to get through to its folder.
chmod 711 "$folder"
step "Starting PostgreSQL and SecantusDB"
postgres_start "$folder"
mongo_start "$folder"

export TEST_DATABASE_URL=$POSTGRES_URL TEST_MONGODB_URI=$MONGO_URI
# Swift Testing would start all tests at once, and those that watch the clock would then measure their neighbours.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=${SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH:-$((4 * $(nproc)))}
step "Testing"
tests=0
run swift test --skip-build --disable-xctest "$@" || tests=$?

openapi=0
examples=0
if (($# == 0)); then
    step "Comparing openapi.yaml with the program"
    run scripts/check-openapi.sh || openapi=$?
    step "Running the examples of the pages"
    run scripts/check-examples.sh || examples=$?
fi

if ((tests)); then fail "tests failed"; fi
if ((openapi)); then fail "the program and openapi.yaml differ"; fi
if ((examples)); then fail "examples in the pages do not work"; fi
step "All tests passed"
