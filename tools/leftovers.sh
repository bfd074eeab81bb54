#!/usr/bin/env bash
# leftovers.sh: what a run leaves on the machine: processes, listening ports, containers, networks, volumes, files.
#   leftovers.sh snapshot FILE    notes what is there now
#   leftovers.sh compare FILE     prints what is there beyond the note; exit 1 where there is something
# Other work on the machine is left out: with SUBLET_RUN_ID in the environment, a process counts when it inherited that id;
# without, when it is of a kind that we start.
set -euo pipefail

ours='^(sublet|conmon|netavark|aardvark-dns|docker-registry|catatonit|rootlessport|slirp4netns|pasta)$'
places=(/tmp /var/tmp /run "${XDG_RUNTIME_DIR:-/nonexistent}" "$HOME" "$HOME/.local/share" "$HOME/.config" /var/lib /etc)

engine() { # the container engine's answer, or nothing where there is none
    if command -v podman >/dev/null; then timeout 30 podman "$@" 2>/dev/null || true; fi
}

# Is process $1 (named $2) of this run?
is_ours() {
    if [ -n "${SUBLET_RUN_ID:-}" ]; then
        tr '\0' '\n' 2>/dev/null <"/proc/$1/environ" | grep -qx "SUBLET_RUN_ID=$SUBLET_RUN_ID"
    else
        [[ $2 =~ $ours ]]
    fi
}

processes() {
    local pid name
    # Neither this script and what it runs, nor whoever called it, is left behind.
    ps -eo pid=,ppid=,comm= | awk -v self=$$ '
        { parent[$1] = $2; name[$1] = $3 }
        END {
            for (at = self; at > 1; at = parent[at]) caller[at] = 1
            for (pid in parent) {
                for (at = pid; at > 1 && at != self; at = parent[at]) {}
                if (at != self && !(pid in caller)) print pid, name[pid]
            }
        }' | while read -r pid name; do
        if is_ours "$pid" "$name"; then
            echo "process $pid $name $(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | cut -c 1-120)"
        fi
    done
}

ports() {
    local kind address name pid
    command -v ss >/dev/null || return 0
    ss -Hltnup 2>/dev/null | sed -nE 's/^(\S+) .* (\S+) +\S+ +users:\(\("([^"]+)",pid=([0-9]+).*/\1 \2 \3 \4/p' |
        while read -r kind address name pid; do
            if is_ours "$pid" "$name"; then echo "port $kind $address $name"; fi
        done
}

inventory() {
    processes
    ports
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
