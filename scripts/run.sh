#!/usr/bin/env bash
# Builds the gateway in release and starts it with the simulator; arguments go to `vestibule serve`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/lib/output.sh

scripts/install-packages.sh run
step "Building in release (the first time takes a few minutes)"
swift build --configuration release --product vestibule
exec .build/release/vestibule serve --simulate "$@"
