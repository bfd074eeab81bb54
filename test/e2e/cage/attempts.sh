#!/bin/sh
# shellcheck shell=dash
# attempts.sh: run by a hostile task of ../tasks_cage.sh inside its container, as its first process. Each attempt is one line on standard
# output: its name, what came of it, what stops it, with | between them. "done" at the start of the second says that it succeeded.
# The environment names the hosts around: LAN METADATA INTERNET … (empty: there is none).

# try NAME WHY COMMAND…: the first line that the command prints is its answer.
try() {
    name=$1 why=$2
    shift 2
    echo "$name|$("$@" 2>&1 | head -n 1)|$why"
}
# shell NAME WHY TEXT: a shell does it; ending well is success, else the last line that was printed is why not.
shell() {
    said=$(timeout 20 sh -c "$3" 2>&1) && said="done: $(echo "$said" | tail -n 1)" || said="refused: $(echo "$said" | tail -n 1)"
    echo "$1|$(echo "$said" | sed 's/^refused: .*: \([A-Z][a-z]\)/refused: \1/')|$2"
}
# absent NAME WHY TEXT: what the shell prints is what was found, nothing is good.
absent() {
    found=$(timeout 60 sh -c "$3" 2>/dev/null | head -n 3 | tr '\n' ' ')
    echo "$1|$([ -z "$found" ] && echo "refused: nothing there" || echo "done: $found")|$2"
}

network() {
    alone="no interface but \`lo\`"
    absent "an interface of its own" "the container's network is \`none\`" "ls /sys/class/net | grep -vx lo"
    try "the internet" "$alone" /attack get "$INTERNET" 80
    try "mail by the internet" "$alone" /attack get "$INTERNET" 25
    try "LAN 192.168.0.0/16" "$alone" /attack get "$LAN" 80
    try "LAN 10.0.0.0/8" "$alone" /attack get "$TEN" 80
    try "LAN 172.16.0.0/12" "$alone" /attack get "$CORPORATE" 80
    try "shared range 100.64.0.0/10" "$alone" /attack get "$SHARED" 80
    try "metadata 169.254.169.254" "$alone" /attack get "$METADATA" 80
    try "host by its address" "$alone" /attack get "${INTERNET%.*}.253" "$HOSTPORT"
    try "host by the loopback address" "a loopback of its own" /attack get 127.0.0.1 "$HOSTPORT"
    try "host by the loopback address of IPv6" "a loopback of its own" /attack get ::1 "$HOSTPORT"
    try "ledger's node" "a loopback of its own" /attack get 127.0.0.1 "$NODEPORT"
    try "gateway of its own provider" "a loopback of its own" /attack get 127.0.0.1 "$GATEWAYPORT"
    [ -z "$SIX" ] || try "LAN by IPv6" "$alone" /attack get "$SIX" 80
    try "name server by a datagram" "$alone" /rogue datagram "$INTERNET"
    shell "name by the resolver" "no resolver is reachable" "timeout 8 nslookup example.org >/dev/null || { echo unknown; false; }"
    shell "an interface of its own making" "no CAP_NET_ADMIN" "ip link add own type dummy"
    shell "an address of the local network" "no CAP_NET_ADMIN" "ip addr add ${LAN%.*}.7/24 dev lo"
    try "raw socket" "no CAP_NET_RAW" /attack raw_socket
    try "packet socket" "seccomp, no CAP_NET_RAW" /attack packet_socket
    try "host's socket by an abstract name" "a network namespace of its own" /rogue unix @sublet-host
    try "host's socket by its path" "it is not mounted" /rogue unix "$UNIXPATH"
    absent "container engine's socket" "no host mounts but the task's folders" "ls /run/podman /var/run/docker.sock /run/user"
    try "the virtual machine's host (vsock)" "seccomp: sockets of four families alone" /rogue vsock 1024
    try "the same by a call of 32-bit programs" "seccomp: no \`socketcall\`" /rogue old_vsock
    try "the kernel's cryptography (AF_ALG)" "the same" /rogue socket 38
}

kernel() {
    for attack in unshare keyctl bpf perf_event_open open_by_handle_at; do try "$attack" seccomp /attack $attack; done
    try clock_settime "no CAP_SYS_TIME, seccomp" /attack clock_settime
    try reboot "no CAP_SYS_BOOT, seccomp" /attack reboot
    for attack in mount remount pivot_root; do try "$attack" "no CAP_SYS_ADMIN, seccomp" /attack $attack; done
    try sethostname "no CAP_SYS_ADMIN" /attack sethostname
    try init_module "no CAP_SYS_MODULE, seccomp" /attack init_module
    try swapon "no CAP_SYS_ADMIN, seccomp" /attack swapon
    try syslog "no CAP_SYSLOG, seccomp" /attack syslog
    for attack in mknod_disk mknod_mem; do try "$attack" "no CAP_MKNOD, device list of the control group" /attack $attack; done
    try "ptrace of a process of the host" "a process namespace of its own" /attack ptrace_host "$HOSTPID"
    try "memory of a process of the host" "a process namespace of its own" /rogue memory_of "$HOSTPID"
    try "more than its share by priority" "no CAP_SYS_NICE" /rogue nice
    shell "write /proc/sys" "mounted read-only" "echo 1 >/proc/sys/kernel/panic"
    shell "write core_pattern" "mounted read-only" "echo '|/x' >/proc/sys/kernel/core_pattern"
    shell "write /sys" "mounted read-only" "echo 1 >/sys/kernel/mm/ksm/run"
    shell "more processes by its control group" "mounted read-only" 'for f in $(find /sys/fs/cgroup -name pids.max); do echo max >$f && exit 0; done; exit 1'
    shell "control group's release_agent" "no mount" "mount -t cgroup -o memory c /tmp"
    absent "kernel's memory by /proc/kcore" "masked" "dd if=/proc/kcore bs=64 count=1"
    absent "devices of the host" "not there" "ls /dev | grep -E '^(mem|kmem|kmsg|kvm|vsock|fuse|sd|vd|nvme|loop|mapper|dri|net)'"
    shell "a setuid program as another user" "no-new-privileges" 'cp /rogue /tmp/rise && chmod 4755 /tmp/rise && su -s /tmp/rise nobody setuid | grep -x "done" || { echo "stays what it is"; false; }'
    shell "chroot and out again" "no CAP_SYS_CHROOT" "chroot /tmp /x"
}

input() {
    read_only="mounted read-only"
    for how in truncate chmod chown utime link reopen; do try "input: $how" "$read_only" /rogue write $how /task/in/shared; done
    shell "input: write" "$read_only" "echo x >>/task/in/shared"
    shell "input: remove" "$read_only" "rm /task/in/shared"
    shell "input: rename" "$read_only" "mv /task/in/shared /task/in/other"
    shell "input: mount over it" "no CAP_SYS_ADMIN, seccomp" "mount -t tmpfs none /task/in"
    shell "input: writable again" "no CAP_SYS_ADMIN, seccomp" "mount -o remount,rw /task/in"
    shell "up and out of its folders" "a mount namespace of its own" "cat /task/in/../../../../../../../../$UNIXPATH.txt /task/out/../../other/in/shared"
}

others() {
    absent "processes of another task" "a process namespace of its own" "for p in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <\$p | grep '^/rogue [m]ake'; done"
    try "shared memory of another task (System V)" "an IPC namespace of its own" /rogue shm
    try "messages of another task (POSIX queue)" "an IPC namespace of its own" /rogue queue
    absent "shared memory of another task (POSIX)" "/dev/shm of its own" "ls /dev/shm"
    try "abstract socket of another task" "a network namespace of its own" /rogue unix @sublet-task
    absent "files of another task" "a mount namespace of its own" "find / -xdev -not -path '/proc/*' -name '*victim*'"
}

bombs() {
    said=$(/attack fork)
    echo "fork without end|$([ "${said##* }" -lt 1024 ] && echo "refused: ${said% *}" || echo "done: $said")|limit of processes, 1024 a container"
    said=$(/attack files)
    echo "open files without end|$([ "$said" -lt 20000 ] && echo "refused: at 20000" || echo "done: $said")|RLIMIT_NOFILE"
    shell "one file larger than a result may be" "RLIMIT_FSIZE" "dd if=/dev/zero of=/task/out/large bs=1M count=20; code=\$?; rm -f /task/out/large; [ \$code = 0 ] || { echo File too large; false; }"
    shell "fill /dev/shm" "its size, 64 MiB, within the task's memory" "dd if=/dev/zero of=/dev/shm/x bs=1M count=100; code=\$?; rm -f /dev/shm/x; [ \$code = 0 ] || { echo bounded; false; }"
    /rogue kill_all >/dev/null
    echo "kill everybody|refused: itself alone|a process namespace of its own"  # the victim is looked at by tasks_cage.sh
}

left() {
    absent "files outside /task/out" "a container of its own, removed with its writable layer" "find / -xdev -name '*victim*' -o -xdev -name '*rise*'"
    absent "files in /tmp and /var/tmp" "the same" "ls -A /tmp /var/tmp | grep -vE ':|^$'"
    absent "files in /dev/shm" "the same" "ls -A /dev/shm"
    absent "files in /task/out" "an empty folder for each attempt" "ls -A /task/out"
    try "shared memory (System V)" "an IPC namespace of its own" /rogue shm
    try "messages (POSIX queue)" "an IPC namespace of its own" /rogue queue
    absent "processes" "a process namespace of its own" "for p in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <\$p | grep -E '^/rogue [m]ake|^sleep 99[9]'; done"
}

"$1"
