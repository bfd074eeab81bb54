#!/usr/bin/env bash
# install.sh: puts the program, its systemd units and example configurations on this machine, or takes the first two away.
#   install.sh install | uninstall      (DESTDIR=… puts everything below another root and leaves systemd alone)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=tools/steps.sh
. tools/steps.sh

root=${DESTDIR:-}
units=(sublet-node sublet-lend)

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

systemd() { # …: does nothing where systemd does not run, or where we install below another root
    if [ -z "$root" ] && [ -d /run/systemd/system ]; then as_root systemctl "$@"; fi
}

install_all() {
    local unit config
    hint "build it first: ./run build"
    [ -x build/sublet ] || fail_step "there is no build/sublet"
    step "install the program and the units"
    # A running program cannot be written over; install replaces the file, and what runs keeps the old one.
    as_root install -D -m 755 build/sublet "$root/usr/local/bin/sublet"
    for unit in "${units[@]}"; do
        as_root install -D -m 644 "packaging/$unit.service" "$root/etc/systemd/system/$unit.service"
    done
    step_done
    step "example configurations"
    for config in examples/*.toml; do
        [ -e "$config" ] || continue
        if [ -e "$root/etc/sublet/$(basename "$config")" ]; then
            echo "           kept: $root/etc/sublet/$(basename "$config")"
        else
            as_root install -D -m 640 "$config" "$root/etc/sublet/$(basename "$config")"
            echo "           new:  $root/etc/sublet/$(basename "$config")"
        fi
    done
    systemd daemon-reload
    step_done
    cat <<'TEXT'

Look through /etc/sublet/*.toml, then:
  sudo systemctl enable --now sublet-node     # a node of the ledger
  sudo systemctl enable --now sublet-lend     # lends this machine
  journalctl -fu sublet-lend
TEXT
}

uninstall_all() {
    local unit kept
    step "stop and remove the units and the program"
    for unit in "${units[@]}"; do
        [ -e "$root/etc/systemd/system/$unit.service" ] || continue
        systemd disable --now --quiet "$unit"
        as_root rm -f "$root/etc/systemd/system/$unit.service"
    done
    systemd daemon-reload
    as_root rm -f "$root/usr/local/bin/sublet"
    step_done
    for kept in /etc/sublet /var/lib/sublet-node /var/lib/sublet-lend; do
        [ ! -e "$root$kept" ] || echo "kept: $root$kept (delete it yourself if you want it gone)"
    done
}

case ${1:-} in
    install) install_all ;;
    uninstall) uninstall_all ;;
    *)
        sed -n '2,3p' "$0" >&2
        exit 64
        ;;
esac
