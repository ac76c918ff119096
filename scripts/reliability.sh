#!/usr/bin/env bash
# The reliability suites in their long form, against a release build: scripts/reliability.sh crash|faults|listeners|soak|model
# What they measured is printed at the end and kept in .build/reliability. Further arguments go to `swift test`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/lib/output.sh
. scripts/lib/ports.sh
. scripts/lib/postgres.sh
. scripts/lib/python.sh
. scripts/lib/mongo.sh
. scripts/lib/suite.sh

suite=${1:-}
case $suite in
crash)
    filter='VestibuleTests\.(Crash|Gateways)'
    export VESTIBULE_CRASH_ROUNDS=${VESTIBULE_CRASH_ROUNDS:-100}
    ;;
faults)
    filter='VestibuleTests\.Fault'
    export VESTIBULE_FAULT_SECONDS=${VESTIBULE_FAULT_SECONDS:-15}
    ;;
listeners)
    filter='VestibuleTests\.Following'
    export VESTIBULE_RECONNECTS=${VESTIBULE_RECONNECTS:-200}
    ;;
soak)
    filter='VestibuleTests\.Soak'
    export VESTIBULE_SOAK_SECONDS=${VESTIBULE_SOAK_SECONDS:-600}
    ;;
model)
    filter='GatewayTests\.Model|VestibuleTests\.Redelivery'
    export VESTIBULE_MODEL_RUNS=${VESTIBULE_MODEL_RUNS:-5000}
    ;;
*) fail "usage: scripts/reliability.sh crash|faults|listeners|soak|model [arguments of swift test]" ;;
esac
shift
suite_traps

scripts/install-packages.sh test
python_environment
step "Building the gateway in release"
run swift build --configuration release --product vestibule
step "Building the tests"
run swift build --build-tests

# Not in /tmp, which may be memory: a crash suite wants a disk under it.
suite_servers /var/tmp
mkdir "$SUITE_FOLDER/tmp"
export TMPDIR=$SUITE_FOLDER/tmp
mkdir -p .build/reliability
figures=$PWD/.build/reliability/$suite.md
rm -f "$figures"
export VESTIBULE_PROGRAM=$PWD/.build/release/vestibule VESTIBULE_FIGURES=$figures
# One case after the other, so that they don't measure each other.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=1
step "Running the $suite suite"
run swift test --skip-build --disable-xctest --filter "$filter" "$@"
if [[ -f $figures ]]; then cat "$figures"; fi
step "Nothing lost, doubled or out of order"
