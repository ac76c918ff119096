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
. scripts/lib/s3.sh
. scripts/lib/livekit.sh
. scripts/lib/suite.sh

suite_traps

scripts/install-packages.sh test
python_environment

step "Building the tests"
run swift build --build-tests

suite_servers "${TMPDIR:-/tmp}"
step "Starting the S3 and LiveKit servers"
s3_start "$SUITE_FOLDER"
livekit_start "$SUITE_FOLDER"
export TEST_S3_ENDPOINT=$S3_URL TEST_S3_BUCKET=$S3_TEST_BUCKET
export TEST_LIVEKIT_URL=$LIVEKIT_TEST_URL
TEST_LIVEKIT_FFI_PATH=$(echo .venv/lib/python3*/site-packages/livekit/rtc/resources/liblivekit_ffi.so)
export TEST_LIVEKIT_FFI_PATH
export TEST_S3_KEY=$S3_TEST_KEY TEST_S3_OWNER_KEY=$S3_TEST_OWNER_KEY

# Swift Testing would start all tests at once, and those that watch the clock would then measure their neighbours.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=${SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH:-$((4 * $(nproc)))}
# test_run ARGUMENTS…: swift test of what is built; what it prints is kept as well, for the last word below.
test_run() { swift test --skip-build --disable-xctest "$@" 2>&1 | tee -a "$SUITE_FOLDER/tests.log"; }
step "Testing"
tests=0
reliability=0
openapi=0
examples=0
if (($#)); then
    run test_run "$@" || tests=$?
else
    # These load the machine for as long as they run: beside them no test could watch the clock.
    heavy='GatewayTests\.Model|VestibuleTests\.(Crash|Fault|Gateways|Redelivery|Soak)'
    run test_run --skip "$heavy" || tests=$?
    step "Crashes, faults, redelivery and load, in their short forms"
    SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=2 \
        run test_run --filter "$heavy" || reliability=$?
    step "Comparing openapi.yaml with the program"
    run scripts/check-openapi.sh || openapi=$?
    step "Running the examples of the pages"
    run scripts/check-examples.sh || examples=$?
fi

if ((tests || reliability)); then
    # Said again at the end: of a long run often only the last lines are at hand.
    step "What failed"
    grep -aE 'recorded an issue|^↳ |^error: |Fatal error' "$SUITE_FOLDER/tests.log" | grep -avE '^↳ (Testing Library|Target)' | cut -c -400 | tail -n 40 || true
fi
if ((tests)); then fail "tests failed"; fi
if ((reliability)); then fail "tests of reliability failed"; fi
if ((openapi)); then fail "the program and openapi.yaml differ"; fi
if ((examples)); then fail "examples in the pages do not work"; fi
step "All tests passed"
