#!/usr/bin/env bash
# Checks what can be checked of the container files without a Docker engine:
#   - docker-compose.yml is valid, has what .env.example asks for, and starts with nothing unset
#   - the program, built as in the Dockerfile, needs only libraries of the packages that its last stage installs
# The build has its own folder (.build-docker) and takes minutes the first time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/lib/output.sh

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

compose() {
    if docker compose version >/dev/null 2>&1; then
        docker compose "$@"
    else
        docker-compose "$@"
    fi
}

step "docker-compose.yml"
if docker compose version >/dev/null 2>&1 || command -v docker-compose >/dev/null; then
    sed -E 's/^([A-Z_]+)=$/\1=0123456789abcdef0123456789abcdef/' .env.example >"$folder/env"
    compose --env-file "$folder/env" config >"$folder/compose.yml"
    if compose --env-file .env.example config >/dev/null 2>&1; then
        fail "docker-compose.yml starts without its secrets"
    fi
else
    echo "neither docker compose nor docker-compose is installed, left out" >&2
fi

step "Building as in the Dockerfile"
scripts/install-packages.sh run
swift build --configuration release --static-swift-stdlib --product vestibule --scratch-path .build-docker
strip -o "$folder/vestibule" .build-docker/release/vestibule
printf '%s MiB stripped\n' "$(($(stat --format=%s "$folder/vestibule") >> 20))" >&2

step "Libraries"
# What the last stage installs, and what every Debian with those packages has.
last_stage=$(sed -n '/^FROM debian/,$p' Dockerfile)
installed=" libc6 libgcc-s1 libstdc++6 $(grep -oE '\b(lib[a-z0-9.+-]+)\b' <<<"$last_stage" | tr '\n' ' ')"
status=0
for library in $(objdump --private-headers "$folder/vestibule" | awk '$1 == "NEEDED" { print $2 }'); do
    path=$(ldd "$folder/vestibule" | awk -v name="$library" '$1 == name { print $3 } index($1, name) && $1 ~ /^\// { print $1 }')
    [[ -n $path ]] || fail "$library is needed and not installed here"
    # The files lie in /usr/lib, where dpkg may know them by /lib.
    package=$(dpkg-query --search "$path" 2>/dev/null || dpkg-query --search "${path#/usr}" 2>/dev/null ||
        dpkg-query --search "/usr$path" 2>/dev/null) || fail "$path belongs to no package"
    package=${package%%:*}
    printf '  %-28s %s\n' "$library" "$package" >&2
    if [[ $installed != *" $package "* ]]; then
        echo "error: the Dockerfile's last stage does not install $package" >&2
        status=1
    fi
done
exit "$status"
