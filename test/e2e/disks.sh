#!/usr/bin/env bash
# disks.sh: a node whose disk gets full, cannot be written, or gives back other bytes: it says what to do, or stands exactly at
# a height that was committed; never anything else.
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
[ "$(id -u)" = 0 ] || skip "mounting a small disk needs root"

network_files
mkdir "$work/node"
mount -t tmpfs -o size=3m,mode=700 sublet-test "$work/node" 2>"$work/mount.err" || skip "no disk can be mounted here: $(tail -n 1 "$work/mount.err")"
cleanup+=("umount -l '$work/node'")
data=$work/node/data
node_on() {
    [ -z "${pids[node]:-}" ] || kill_hard node  # one that should have ended and did not
    start node "$sublet" --json node --data "$data" --genesis "$work/genesis.json" --port 0 --check-invariants
}
up() {
    node_on
    said node '"node"' || return 1
    SUBLET_NODE=$(jq -r .node "$work/node.out")
    export SUBLET_NODE
}
tip() { curl -fsS --max-time 5 "$SUBLET_NODE/v1/status" | jq -r '.height + " " + .app_hash'; }
send() { "$sublet" wallet send "$lender" 1 >"$work/send.out" 2>"$work/send.err"; }
# ends WORDS…: the node ends by itself, with a failure, and its last words have all of these.
ends() {
    local status=0 word
    within 15 gone "${pids[node]}" || { echo "it still runs"; return 1; }
    wait "${pids[node]}" || status=$?
    unset "pids[node]"
    [ $status -gt 0 ] && [ $status -lt 128 ] || { echo "it ended with $status: $(tail -n 2 "$work/node.err")"; return 1; }
    for word in "$@"; do grep -qi "$word" <<<"$(tail -n 2 "$work/node.err")" || { echo "no '$word' in: $(tail -n 2 "$work/node.err")"; return 1; }; done
}
export SUBLET_FROM=tenant
lender=$("$sublet" --json wallet balance lender 2>/dev/null | jq -r .address)

must "a node starts on a small disk" up
lender=$("$sublet" --json wallet balance lender | jq -r .address)
for _ in 1 2 3; do must "a transaction is committed" send; done
committed=$(tip)

# ── full while it works
dd if=/dev/zero of="$work/node/ballast" bs=64k 2>/dev/null
for _ in $(seq 40); do send || break; done
check "a full disk ends the node with a sentence" ends "disk is full" "make room"
node_on
check "a start on a full disk is refused with a sentence, or works" eval 'said node "\"node\"" && stop node || ends "disk\|space\|room"'
rm "$work/node/ballast"
must "with room it starts again" up
now=$(tip)
check "nothing that was committed is lost" [ "${now%% *}" -ge "${committed%% *}" ]
must "and goes on" send
last=$(tip)
must "the node stops" stop node

# ── read-only
mount -o remount,ro "$work/node"
node_on
check "a disk that cannot be written is refused with its name" ends "$data" "read-only"
mount -o remount,rw "$work/node"

# ── other bytes, fewer bytes: each file of the folder in turn
cp -a "$data" "$work/whole"
refused=0 same=0
while read -r file; do
    size=$(stat -c %s "$work/whole/$file")
    [ "$size" -gt 0 ] || continue
    for harm in flip cut; do
        rm -rf "$data"
        cp -a "$work/whole" "$data"
        if [ $harm = cut ]; then
            truncate -s $((size / 2)) "$data/$file"
        else
            old=$(od -An -tu1 -j $((size / 2)) -N 1 "$data/$file")
            printf "%b" "$(printf '\\x%02x' $((old ^ 64)))" | dd of="$data/$file" bs=1 seek=$((size / 2)) conv=notrunc 2>/dev/null
        fi
        node_on
        if said node '"node"'; then
            SUBLET_NODE=$(jq -r .node "$work/node.out")
            got=$(tip)
            if [ "$got" = "$last" ]; then same=$((same + 1)); else bad "$file, $harm: the same height and hash, or a refusal" "$got, not $last"; fi
            kill_hard node
        elif words=$(ends "$data"); then
            refused=$((refused + 1))
        else
            bad "$file, $harm: refused with a sentence" "$words"
        fi
    done
done < <(cd "$work/whole" && find . -type f ! -name LOCK | sed 's/^..//' | sort)
check "damage was tried and noticed ($refused refused, $same harmless)" [ "$refused" -ge 4 ]
