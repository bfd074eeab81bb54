# shellcheck shell=bash
# second_engine.sh: a podman of its own beside the machine's, whose images may be others under the same names; it ends with the test.
# Sets second_socket. The machine's images are there to build on, and are what a name means until this engine has one of that name.

# shellcheck disable=SC2154  # work is common.sh's
second_engine() {
    CONTAINERS_CONF=$work/lend/engine/containers.conf CONTAINERS_STORAGE_CONF=$work/second/storage.conf timeout 120 podman "$@"
}
# shellcheck disable=SC2317  # called by the trap
end_second_engine() {
    second_engine ps -aq | while read -r id; do second_engine rm -f -t 0 "$id"; done
    kill "$second_service" 2>/dev/null
    umount -R "$work/second/root/overlay" 2>/dev/null
}
# start_second_engine: before it a provider has started once, which wrote the engine's settings.
start_second_engine() {
    mkdir -p "$work/second"
    second_socket=$work/second/podman.sock
    cat >"$work/second/storage.conf" <<CONF
[storage]
driver = "overlay"
graphroot = "$work/second/root"
runroot = "$work/second/run"
[storage.options]
additionalimagestores = ["$(engine info --format '{{.Store.GraphRoot}}')"]
CONF
    CONTAINERS_CONF=$work/lend/engine/containers.conf CONTAINERS_STORAGE_CONF=$work/second/storage.conf \
        podman system service --time=0 "unix://$second_socket" >"$work/second/service.log" 2>&1 &
    second_service=$!
    cleanup+=(end_second_engine)
    within 10 curl -fsS --unix-socket "$second_socket" http://d/_ping
}
