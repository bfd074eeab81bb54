#!/usr/bin/env bash
# cage.sh: what a hostile tenant's container tries, from inside a rented lease; docs/spec/cage.md has the table. The LAN, the
# metadata address and the internet are hosts that this script makes itself in a network namespace; nothing else is addressed.
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
# shellcheck source=lib/around.sh
. "$here/lib/around.sh"

[ "$(id -u)" = 0 ] || skip "needs root: network namespaces are made"
command -v g++ >/dev/null || skip "there is no g++ here"
"$root/images/build.sh" web >"$work/images.log" 2>&1 || skip "images/build.sh fails: $(tail -n 1 "$work/images.log")"

# ── an image with the attacks in it: whatever is posted to it is run by a shell that its own first process started
image=docker.io/sublet/cage:$$
mkdir -p "$work/image/www/cgi-bin" "$work/image/tmp"
g++ -std=c++23 -O1 -static -o "$work/image/attack" "$here/cage/attack.cpp" 2>"$work/attack.err" || skip "no static C++ library here"
cp /bin/busybox "$work/image/busybox"
echo in >"$work/image/www/index.html"
printf '#!/busybox sh\necho Content-type: text/plain\necho\nexec /busybox timeout 20 /busybox sh 2>&1\n' >"$work/image/www/cgi-bin/do"
chmod 755 "$work/image/www/cgi-bin/do"
cat >"$work/image/Containerfile" <<'FILE'
FROM scratch
COPY . /
RUN ["/busybox", "--install", "-s", "/"]
FILE
# shellcheck source=../../images/engine.sh
(. "$root/images/engine.sh" && engine_configure "$work/build-engine" && podman build -q -t "$image" "$work/image") >"$work/build.log" 2>&1 ||
    skip "podman build fails: $(tail -n 1 "$work/build.log")"
cleanup+=("podman rmi -f $image >/dev/null 2>&1")

cat >"$work/cage.yaml" <<FILE
version: "2.0"
services:
  cage:
    image: sublet/cage:$$
    command: [/busybox, httpd, -f, -p, "80", -h, /www]
    env: [PATH=/]
    expose:
      - {port: 80, as: 80, to: [{global: true}]}
    params:
      storage:
        data: {mount: /data}
        shm: {mount: /dev/shm}
profiles:
  compute:
    cage:
      resources:
        cpu: {units: 0.5}
        memory: {size: 256Mi}
        storage:
          - size: 64Mi
          - {name: data, size: 64Mi, attributes: {persistent: true, class: default}}
          - {name: shm, size: 32Mi, attributes: {persistent: false, class: ram}}
  placement:
    anywhere:
      pricing:
        cage: {denom: ucredit, amount: 11000}
deployment:
  cage:
    anywhere: {profile: cage, count: 1}
FILE
sed 's/^  cage:/  neighbour:/; s/        cage:/        neighbour:/; s/profile: cage/profile: neighbour/; s/^    cage:/    neighbour:/' \
    "$work/cage.yaml" >"$work/neighbour.yaml"

# ── the hosts around it
hosts_around

network_files 'price.cpu_core_hour = "36"' 'price.notice_s = 0'
start node "$sublet" --json node --data "$work/node" --genesis "$work/genesis.json" --address 0.0.0.0 --port 0
must "a node runs, open to every address of the host" said node '"node"'
node_port=$(jq -r .node "$work/node.out") && node_port=${node_port##*:}
export SUBLET_NODE=http://127.0.0.1:$node_port
must "a provider runs" start_lend
rented=$("$sublet" --json rent --deposit 5 "$work/cage.yaml" 2>"$work/rent.err")
must "the attacker's lease runs" [ "$(jq -r '.leases[0].lease.state' <<<"$rented")" = running ]
next=$("$sublet" --json rent --deposit 5 "$work/neighbour.yaml" 2>"$work/next.err")
must "the neighbour's lease runs" [ "$(jq -r '.leases[0].lease.state' <<<"$next")" = running ]
url=$(url_of "$rented") next_url=$(url_of "$next")
container() { engine ps -q --filter "label=sublet.agent=${instances[0]}" --filter "label=sublet.lease=$1"; }
cage=$(container "$(lease_of "$rented")") neighbour=$(container "$(lease_of "$next")")
gateway=$(engine inspect --format '{{range .NetworkSettings.Networks}}{{.Gateway}}{{end}}' "$cage")
own=$(engine inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$cage")
other=$(engine inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$neighbour")

# try SCRIPT: inside the attacker's container, by its own first process: with its seccomp, capabilities and limits.
try() { curl -sS --max-time "${2:-30}" --data-binary "$1" "${url%/}/cgi-bin/do" 2>&1; }
must "the attacker runs what it likes inside" within 10 eval '[ "$(try "echo in")" = in ]'
# unreachable NAME HOST:PORT [PATH]: there is something, the host itself is answered; the container is not.
unreachable() {
    local got where=${2%:*} port=${2##*:}
    if ! fetch "$2" "${3:-}"; then bad "$1" "the host itself does not reach $2, so a refusal would mean nothing"; return; fi
    where=${where#[} where=${where%]}
    got=$(try "/attack get '$where' $port ${3:-}")
    if [[ $got == refused* ]]; then ok "$1: $got"; else bad "$1" "${got:-nothing}"; fi
}
# denied NAME SCRIPT [WORD]: the script must say `refused`, or WORD, and never `done`.
denied() {
    local got
    got=$(try "$2")
    if [[ $got == *done* ]] || ! grep -qE "${3:-refused}" <<<"$got"; then bad "$1" "${got:-nothing}"; else
        ok "$1: refused ($(tail -n 1 <<<"$got" | sed 's/refused: //'))"
    fi
}

# ── network: who is there for the host, and is not for the container
check "the internet: port 80 of a public host is reachable" eval '[ "$(try "/attack get $internet 80")" = "done: answered" ]'
unreachable "mail port 25 of the same host" "$internet:25"
unreachable "LAN 192.168.0.0/16" "$lan:80"
unreachable "LAN 10.0.0.0/8" "$ten:80"
unreachable "LAN 172.16.0.0/12" "$corporate:80"
unreachable "shared range 100.64.0.0/10" "$shared:80"
unreachable "metadata 169.254.169.254" "$metadata:80"
unreachable "host by the bridge's gateway" "$gateway:$hostport"
for address in $(hostname -I | tr ' ' '\n' | grep -v : | grep -vE '\.253$' | head -n 4) "${lan%.*}.253"; do
    unreachable "host by its address $address" "$address:$hostport"
done
unreachable "node's port by the gateway" "$gateway:$node_port" health
unreachable "node's port by the host's address" "${internet%.*}.253:$node_port" health
unreachable "another lease by its address" "$other:80"
denied "another lease by its name" "/busybox nslookup neighbour $gateway | /busybox grep -qF $other && echo done || echo refused: unknown"
if [ -n "$six" ]; then
    unreachable "IPv6 LAN fc00::/7" "[$six]:80"
    denied "IPv6 host by the bridge's link-local address" \
        "/attack get '$(ip -6 -o addr show dev "$(ip -o route get "$own" | sed 's/.*dev \([^ ]*\).*/\1/')" scope link | awk '{print $4}' | cut -d/ -f1)%eth0' $hostport"
fi
check "its own name resolves: the resolver works" eval 'try "/busybox nslookup cage $gateway" | grep -qF "$own"'
denied "container engine's socket" "for s in /run/podman/podman.sock /var/run/docker.sock; do [ -e \$s ] && echo done; done; echo refused: absent"
for attack in raw_socket packet_socket; do denied "$attack" "/attack $attack"; done
denied "a source address that is not its own" "/busybox ip addr add $other/24 dev eth0 && echo done" "permitted"

# ── kernel: each of those that root on the host may is shown to work there
for attack in unshare keyctl bpf perf_event_open clock_settime reboot open_by_handle_at; do
    if unshare -m "$work/image/attack" "$attack" "$work" 2>/dev/null | grep -q '^done'; then
        denied "$attack" "/attack $attack"
    else
        echo "skip $script: $attack: the host's own root may not do it here"
    fi
done
check "mount works for the host's root" eval 'unshare -m "$work/image/attack" mount "$work/www" | grep -q "^done"'
for attack in mount remount pivot_root sethostname init_module swapon syslog mknod_disk mknod_mem; do denied "$attack" "/attack $attack"; done
denied "ptrace_host" "/attack ptrace_host ${pids[node]}"
refusal='denied|permitted|Read-only|nonexistent|No such|t create|t open|can.t'
denied "write /proc/sys" "echo 1 >/proc/sys/kernel/panic && echo done" "$refusal"
denied "write /proc/sysrq-trigger" "echo h >/proc/sysrq-trigger && echo done" "$refusal"
denied "write /sys" "echo 1 >/sys/kernel/mm/ksm/run && echo done; echo x >/sys/kernel/uevent_helper && echo done" "$refusal"
denied "write /proc/sys/kernel/core_pattern" "echo '|/x' >/proc/sys/kernel/core_pattern && echo done" "$refusal"
denied "control group's release_agent" "for f in \$(/busybox find /sys/fs/cgroup -name release_agent); do echo /x >\$f && echo done; done; /busybox mount -t cgroup -o memory c /tmp && echo done" "$refusal"
denied "/dev/mem" "/busybox dd if=/dev/mem bs=1 count=1 && echo done" "$refusal"
denied "memory of the kernel by /proc/kcore" "[ \$(/busybox dd if=/proc/kcore bs=64 count=1 2>/dev/null | /busybox wc -c) -gt 0 ] && echo done || echo refused: empty"
denied "host's processes in /proc" "/busybox tr '\\0' ' ' </proc/1/cmdline | /busybox grep -q httpd && [ ! -e /proc/${pids[node]} ] && echo refused: sees its own only"
denied "chroot and out again" "/busybox chroot /tmp /x && echo done" "permitted|denied"
equal "setuid program: no new privileges" "NoNewPrivs: 1" "$(try "/busybox grep NoNewPrivs /proc/self/status | /busybox tr '\t' ' '")"
equal "seccomp: a filter is on" "Seccomp: 2" "$(try "/busybox grep -w Seccomp: /proc/self/status | /busybox tr '\t' ' '")"
equal "capabilities: nine at most are within reach" "00000000000005fb" "$(try "/busybox sed -n 's/CapBnd:.//p' /proc/self/status")"

# ── fill: what is bounded
equal "fork without end: stopped by the limit of processes" Resource "$(try '/attack fork' 60 | tee "$work/forks" | cut -d ' ' -f 1)"
check "not more than 1024 processes" [ "$(grep -oE '[0-9]+$' "$work/forks")" -le 1024 ]
check "the neighbour answers meanwhile and after" answers "$next_url"
equal "open files: at most 20000 a process" yes "$([ "$(try /attack\ files)" -lt 20000 ] && echo yes)"
before=$(engine inspect --format '{{.State.StartedAt}}' "$neighbour")
denied "fill memory" "/attack memory; echo refused: killed \$?" "refused"
denied "fill /dev/shm" "/busybox dd if=/dev/zero of=/dev/shm/x bs=1M count=200 && echo done; /busybox rm -f /dev/shm/x" "No space"
equal "the neighbour has not noticed" "$before" "$(engine inspect --format '{{.State.StartedAt}}' "$neighbour")"

# ── a flood of connections, last: it uses up what the lease may have
flows() { grep -c "src=$own dst=$internet .*dport=9 " /proc/net/nf_conntrack; }
if [ -r /proc/net/nf_conntrack ]; then
    contains "a flood of datagrams from its sockets" sent "$(try "/attack flood $internet 9" 40)"
    count=$(flows)
    if [ "$count" -gt 1000 ] && [ "$count" -le 2048 ]; then ok "connection flood: bounded ($count in the host's table)"; else bad "connection flood: bounded" "$count"; fi
    check "another lease still reaches the internet" eval '[ "$(url=$next_url try "/attack get $internet 80")" = "done: answered" ]'
fi

# ── every row of the table is tried here
while read -r row; do
    grep -qF "\"$row" "$0" || grep -qE "(in|;) .*\b$row\b" "$0" || bad "docs/spec/cage.md: \"$row\" is tried here"
done < <(sed -n 's/^| `\([^`]*\)` |.*/\1/p' "$root/docs/spec/cage.md")

kill_hard lend
must "the agent comes back after a kill" start_lend
unreachable "metadata 169.254.169.254, after a kill of the agent" "$metadata:80"
for each in "$rented" "$next"; do check "the lease ends" "$sublet" lease close "$(lease_of "$each")"; done
nobody() { [ -z "$(engine ps -aq --filter "label=sublet.agent=${instances[0]}")" ]; }
check "its containers go" within 30 nobody
check "the agent stops" stop lend
equal "no container, network, volume or rule is left" "" "$(remains_after 10 "${instances[0]}")"
