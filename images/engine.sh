# shellcheck shell=bash
# engine.sh: sourced by build.sh and registry.sh: podman with a configuration of its own, and the list of published names we imitate.

# Debian's default runtime fails where control groups are hybrid, and its default limits are refused on small machines.
engine_configure() {
    local state=$1
    mkdir -p "$state"
    cat >"$state/containers.conf" <<'CONF'
[engine]
runtime="runc"
cgroup_manager="cgroupfs"
events_logger="file"
exit_command_delay=5
[containers]
default_ulimits=["nofile=20000:20000","nproc=32768:32768"]
CONF
    export CONTAINERS_CONF="$state/containers.conf"
    export BUILDAH_ISOLATION=chroot
}

# Name and tag as deployment files write them (without docker.io/), and the folder it is built from.
published_images() {
    cat <<'LIST'
redis:8.2.2 redis
nginx:alpine nginx
postgres:11.6-alpine postgres
hackmdio/hackmd:2.6.1 codimd
LIST
}
