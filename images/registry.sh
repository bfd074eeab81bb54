#!/usr/bin/env bash
# registry.sh: serves our images under their published names from a loopback registry that stands in for docker.io.
# Usage: images/registry.sh start|push|stop|status [FOLDER]   (default build/registry; everything it makes is in there)
#   start  starts Debian's docker-registry on a free loopback port and writes FOLDER/registries.conf (what an engine needs to
#          find it: CONTAINERS_REGISTRIES_CONF, or `lend`'s option) and FOLDER/port
#   push   puts every built image there; what is there already takes no time
#   stop   ends it and removes the names and copies that tests left in the engine's store; `stop --purge` the folder too
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=engine.sh
. "$here/engine.sh"
command=${1:-}
folder=${2:-$here/../build/registry}
if [ "$folder" = --purge ]; then folder=$here/../build/registry; purge=1; else purge=0; fi
[ "${3:-}" = --purge ] && purge=1
folder=$(realpath -m "$folder")  # the process is known by this path
started=$SECONDS

say() { printf '[%3ds] %s\n' $((SECONDS - started)) "$*"; }
die() { printf 'images/registry.sh: %s\n' "$*" >&2; exit 1; }

# The pid file may be older than the machine's last start: the process must be a registry of this very folder.
running() {
    local pid
    pid=$(cat "$folder/pid" 2>/dev/null) || return 1
    [ -r "/proc/$pid/cmdline" ] && tr '\0' ' ' <"/proc/$pid/cmdline" | grep -qF "docker-registry serve $folder/config.yml"
}

free_port() {
    local port
    for port in $(shuf -i 20000-29999 -n 50); do
        if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then echo "$port"; return; fi
    done
    die "no free port between 20000 and 29999"
}

write_configuration() {
    cat >"$folder/config.yml" <<CONF
version: 0.1
log: {level: error}
storage:
  filesystem: {rootdirectory: $folder/data}
  delete: {enabled: true}
http: {addr: "127.0.0.1:$1"}
CONF
    cat >"$folder/registries.conf" <<CONF
unqualified-search-registries = ["docker.io"]
short-name-mode = "permissive"
[[registry]]
prefix = "docker.io"
location = "docker.io"
[[registry.mirror]]
location = "127.0.0.1:$1"
insecure = true
CONF
    echo "$1" >"$folder/port"
}

start() {
    command -v docker-registry >/dev/null || die "docker-registry is missing: apt-get install docker-registry"
    mkdir -p "$folder/data"
    if running; then say "registry runs on 127.0.0.1:$(cat "$folder/port")"; return; fi
    local port attempt
    for attempt in 1 2 3; do  # another process may take the port before the registry does
        port=$(free_port)
        write_configuration "$port"
        setsid docker-registry serve "$folder/config.yml" >"$folder/log" 2>&1 </dev/null &
        echo $! >"$folder/pid"
        for _ in $(seq 100); do
            if ! running && ! kill -0 "$(cat "$folder/pid")" 2>/dev/null; then break; fi
            if curl -fs "http://127.0.0.1:$port/v2/" >/dev/null; then say "registry runs on 127.0.0.1:$port"; return; fi
            sleep 0.1
        done
        say "attempt $attempt failed: $(tail -1 "$folder/log")"
        running && kill "$(cat "$folder/pid")"
    done
    die "the registry does not start: see $folder/log"
}

# docker.io's own names have "library/" in front where there is no owner.
remote_name() { case $1 in */*) echo "$1" ;; *) echo "library/$1" ;; esac; }

manifest_there() {
    curl -fsI -H 'Accept: application/vnd.oci.image.manifest.v1+json' "http://$1/v2/${2%:*}/manifests/${2##*:}" >/dev/null
}

push() {
    running || die "no registry runs for $folder: images/registry.sh start first"
    engine_configure "$folder"
    local port name remote digest
    port=$(cat "$folder/port")
    while read -r name _; do
        remote=$(remote_name "$name")
        podman image exists "localhost/sublet/$name" || die "localhost/sublet/$name is missing: images/build.sh first"
        digest=$(podman image inspect --format '{{.Id}}' "localhost/sublet/$name")
        if [ "$(cat "$folder/pushed-${name//[\/:]/_}" 2>/dev/null)" = "$digest" ] && manifest_there "127.0.0.1:$port" "$remote"; then
            say "$remote is there"
            continue
        fi
        podman push -q --tls-verify=false "localhost/sublet/$name" "docker://127.0.0.1:$port/$remote"
        echo "$digest" >"$folder/pushed-${name//[\/:]/_}"
        say "$remote pushed"
    done < <(published_images)
}

stop() {
    if running; then
        local pid
        pid=$(cat "$folder/pid")
        kill "$pid"
        for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
        say "registry stopped"
    fi
    rm -f "$folder/pid" "$folder/port"
    if command -v podman >/dev/null; then
        engine_configure "${TMPDIR:-/tmp}/sublet-registry.$$"
        local name image
        while read -r name _; do
            image=docker.io/$(remote_name "$name")
            # Only what is ours by its label: the real image of that name stays.
            if [ "$(podman image inspect --format '{{index .Labels "sublet.test"}}' "$image" 2>/dev/null)" = 1 ]; then
                podman rmi "$image" >/dev/null || say "$image is still in use"
            fi
        done < <(published_images)
        rm -rf "${TMPDIR:-/tmp}/sublet-registry.$$"
    fi
    if [ "$purge" = 1 ]; then rm -rf "$folder"; say "$folder removed"; fi
}

case $command in
    start) start ;;
    push) push ;;
    stop) stop ;;
    status) if running; then echo "127.0.0.1:$(cat "$folder/port")"; else echo stopped; exit 1; fi ;;
    *) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
