#!/usr/bin/env bash
# Do the pages name what the program has: settings, metrics, routes, error codes? And do their links lead somewhere?
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/lib/output.sh

status=0

# same WHAT A B: prints the lines that stand in only one of two lists.
same() {
    local only
    # diff fails when there are differences, grep when there are none: the output tells.
    only=$(diff <(sort -u <<<"$2") <(sort -u <<<"$3") | grep '^[<>]' || true)
    [[ -n $only ]] || return 0
    printf 'error: %s (< code, > page):\n%s\n' "$1" "$only" >&2
    status=1
}

# holds WHAT FILE NAMES…: prints the names that FILE does not hold.
holds() {
    local what=$1 file=$2 name
    shift 2
    for name in "$@"; do
        grep -qwF -- "$name" "$file" && continue
        printf 'error: %s: %s is not there\n' "$what" "$name" >&2
        status=1
    done
}

between() { sed -n "/<!-- $1:begin -->/,/<!-- $1:end -->/p" "$2"; }

settings=$(sed -nE 's/^    case [A-Za-z0-9]+ = "([A-Z0-9_]+)"$/\1/p' Sources/Vestibule/Configuration/SettingName.swift)
# shellcheck disable=SC2016  # the backticks are Markdown's
capitals() { grep -oE '`[A-Z][A-Z0-9_]+`' | tr -d '`'; }
same "settings in docs/operating.md" "$settings" "$(between settings docs/operating.md | capitals)"
used=$(between settings docs/operating.md | grep '^|' | capitals)
for setting in $used; do
    case $setting in
    # Another name of WHATSAPP_WEBHOOK_VERIFY_TOKEN.
    WHATSAPP_VERIFY_TOKEN) continue ;;
    esac
    holds ".env.example" .env.example "$setting"
    case $setting in
    # The image sets these.
    HOST | PORT | DATA_DIR | UPLOADS_DIR) ;;
    *) holds "docker-compose.yml" docker-compose.yml "$setting:" ;;
    esac
done

same "metrics in docs/operating.md" \
    "$(grep -rhoE '"vestibule_[a-z_]+"' Sources --include='*.swift' | tr -d '"')" \
    "$(between metrics docs/operating.md | grep -oE 'vestibule_[a-z_]+')"

mapfile -t paths < <(sed -nE 's/^  (\/[^:]*):$/\1/p' openapi.yaml)
holds "docs/api.md" docs/api.md "${paths[@]}"
mapfile -t codes < <(grep -rhoE '"[A-Z]+(_[A-Z]+)+"' Sources/Vestibule/HTTP --include='*.swift' | tr -d '"' | sort -u)
holds "docs/api.md" docs/api.md "${codes[@]}"
holds "openapi.yaml" openapi.yaml "${codes[@]}"

same "JobKind in openapi.yaml" \
    "$(sed -nE '/enum Kind/,/^    }/s/^ +case [A-Za-z]+ = "([a-z_]+)"$/\1/p' Sources/Gateway/Jobs/Job.swift)" \
    "$(sed -n '/^    JobKind:$/,/enum:/p' openapi.yaml | grep -oE '\[.*\]' | grep -oE '[a-z_]+')"

while IFS=: read -r page link; do
    target=${link#*](}
    target=${target%)}
    [[ $target == http* || $target == '#'* ]] && continue
    [[ -e $(dirname "$page")/${target%%#*} ]] || { printf 'error: %s: no file at %s\n' "$page" "$target" >&2; status=1; }
done < <(git ls-files '*.md' | xargs grep -HoE '\]\([^) ]+\)')

((status == 0)) || fail "the pages and the program differ"
