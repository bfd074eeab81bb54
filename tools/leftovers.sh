#!/usr/bin/env bash
# leftovers.sh: what a run leaves on the machine: processes, listening ports, containers, networks, volumes, files.
#   leftovers.sh snapshot FILE    notes what is there now
#   leftovers.sh compare FILE     prints what is there beyond the note; exit 1 where there is something
# Other work on the machine is left out: with SUBLET_RUN_ID set, a process counts when it carries that id in its environment,
# or when it is of a kind that we start and carries no other id.
set -euo pipefail

ours='^(sublet|conmon|netavark|aardvark-dns|docker-registry|catatonit|rootlessport|slirp4netns|pasta)$'
places=(/tmp /var/tmp /run "${XDG_RUNTIME_DIR:-/nonexistent}" "$HOME" "$HOME/.local/share" "$HOME/.config" /var/lib /etc)

engine() { # the container engine's answer, or nothing where there is none
    if command -v podman >/dev/null; then timeout 30 podman "$@" 2>/dev/null || true; fi
}

# Is process $1 (named $2) of this run?
is_ours() {
    local marks
    marks=$(tr '\0' '\n' 2>/dev/null <"/proc/$1/environ" | sed -n 's/^SUBLET_RUN_ID=//p' || true)
    if [ -n "$marks" ]; then [ "$marks" = "${SUBLET_RUN_ID:-}" ]; else [[ $2 =~ $ours ]]; fi
}

processes() {
    local folder pid name parent=$$ skip=" $$ $BASHPID "
    # This script, and whoever called it, are not left behind.
    while [ "$parent" -gt 1 ]; do
        skip+="$parent "
        parent=$(awk '/^PPid:/ { print $2 }' "/proc/$parent/status" 2>/dev/null || echo 1)
    done
    for folder in /proc/[0-9]*; do
        pid=${folder#/proc/}
        [[ $skip != *" $pid "* ]] || continue
        parent=$(awk '/^PPid:/ { print $2 }' "$folder/status" 2>/dev/null) || continue
        [ "$parent" != $$ ] && [ "$parent" != "$BASHPID" ] || continue
        name=$(cat "$folder/comm" 2>/dev/null) || continue
        if is_ours "$pid" "$name"; then echo "process $pid $name $(tr '\0' ' ' <"$folder/cmdline" 2>/dev/null | cut -c 1-120)"; fi
    done
}

inventory() {
    processes
    if command -v ss >/dev/null; then
        # Only sockets of programs that we start: others come and go.
        ss -Hltnup 2>/dev/null | awk -v ours="$ours" \
            '{ owner = $NF; sub(/^users:\(\("/, "", owner); sub(/".*/, "", owner); if (owner ~ ours) print "port", $1, $5, owner }'
    fi
    engine ps -a --format 'container {{.Names}} {{.Image}}'
    engine network ls --format 'network {{.Name}}'
    engine volume ls --format 'volume {{.Name}}'
    find "${places[@]}" -maxdepth 1 \( -name '*sublet*' -o -name 'podman-run-*' \) -printf 'file %p\n' 2>/dev/null || true
    findmnt -rn -o TARGET 2>/dev/null | awk '/sublet/ { print "mount", $1 }' || true
}

[ $# = 2 ] || {
    sed -n '2,4p' "$0" >&2
    exit 64
}
case $1 in
    snapshot) inventory | sort -u >"$2" ;;
    compare)
        # What is on its way out gets ten seconds.
        for _ in 1 2 3 4 5 6 7 8 9 10; do
            left=$(comm -13 "$2" <(inventory | sort -u))
            [ -n "$left" ] || exit 0
            sleep 1
        done
        printf 'left behind:\n%s\n' "$left"
        exit 1
        ;;
    *) exit 64 ;;
esac
