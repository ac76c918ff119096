#!/usr/bin/env bash
# Installs the system packages that are missing, with apt: scripts/install-packages.sh [run|test|bench]
#   run    what building and running the gateway needs
#   test   that, what the gateway converts and scans files with (ffmpeg, poppler, clamd), a PostgreSQL server, nginx,
#          faketime, Python's venv and shellcheck
#   bench  what run needs, a PostgreSQL server with pgbench, nginx, wrk and Python
# Does nothing, and asks for nothing, when all is there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/lib/output.sh
. scripts/lib/ports.sh
. scripts/lib/postgres.sh
. scripts/lib/swift.sh

purpose=${1:-run}
packages=(g++ libpq-dev libsqlite3-dev libmongoc-dev libcurl4-openssl-dev libmagic-dev zlib1g-dev pkg-config ca-certificates curl)
case $purpose in
run) ;;
test) packages+=(clamav-daemon faketime ffmpeg nginx-light poppler-utils python3-venv shellcheck) ;;
bench) packages+=(nginx-light python3 wrk) ;;
*) fail "usage: scripts/install-packages.sh [run|test|bench]" ;;
esac

require_swift

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    libraries=(libpq sqlite3 libmongoc-1.0 libcurl libmagic zlib)
    if command -v pkg-config >/dev/null && pkg-config --exists "${libraries[@]}"; then exit 0; fi
    fail "this is no Debian or Ubuntu system: install the development files of ${libraries[*]} and pkg-config yourself," \
        "for tests also PostgreSQL 15 or later and Python 3.11 with venv, then run this again"
fi

missing=()
for package in "${packages[@]}"; do
    [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
done
if [[ $purpose != run ]] && ! postgres_bin >/dev/null; then missing+=(postgresql); fi
((${#missing[@]})) || exit 0

as_root=()
if ((EUID != 0)); then
    command -v sudo >/dev/null ||
        fail "packages are missing; run this as root, then try again: apt-get update && apt-get install ${missing[*]}"
    as_root=(sudo)
fi

# Debian's postgresql package makes a cluster and starts it. The tests bring their own, so for the time of the
# installation it is told not to; clusters that exist, and later installations, are left as they are.
no_cluster=/etc/postgresql-common/createcluster.d/vestibule-tests.conf
# The same goes for its nginx and clamd: for that time no service of an installed package is started.
no_services=/usr/sbin/policy-rc.d
written=()
remove_written() { if ((${#written[@]})); then "${as_root[@]}" rm -f "${written[@]}"; fi; }
trap remove_written EXIT
if [[ " ${missing[*]} " == *" postgresql "* ]]; then
    written+=("$no_cluster")
    "${as_root[@]}" mkdir -p "$(dirname "$no_cluster")"
    echo "create_main_cluster = false" | "${as_root[@]}" tee "$no_cluster" >/dev/null
fi
services=()
if [[ " ${missing[*]} " == *" nginx-light "* ]]; then services+=(nginx); fi
if [[ " ${missing[*]} " == *" clamav-daemon "* ]]; then services+=(clamav-daemon clamav-freshclam); fi
if ((${#services[@]})) && [[ ! -e $no_services ]]; then
    written+=("$no_services")
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$no_services" >/dev/null
    "${as_root[@]}" chmod 755 "$no_services"
fi

step "Installing: ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null >&2

# Nor are they to come up with the machine, where they were not there before.
if ((${#services[@]})) && [[ -d /run/systemd/system ]]; then
    "${as_root[@]}" systemctl disable --quiet "${services[@]}"
fi
