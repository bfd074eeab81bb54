#!/usr/bin/env bash
# build.sh: builds the container images that demo and tests run, from Debian packages alone; a second run takes a second.
# Usage: images/build.sh [all|web|blender]    (STATE: folder for the cached root file system, default build/images)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
state=${STATE:-$here/../build/images}
what=${1:-all}
suite=${SUBLET_DEBIAN_SUITE:-bookworm}
packages=busybox-static,redis-server,redis-tools,nginx-light,postgresql-15
# Raise the number when build_base changes: it names the cached root file system.
base_recipe="1 $suite $packages"
blender_recipe="1 $suite blender"
started=$SECONDS

say() { printf '[%3ds] %s\n' $((SECONDS - started)) "$*"; }
die() { printf 'images/build.sh: %s\n' "$*" >&2; exit 1; }
need() { command -v "$1" >/dev/null || die "'$1' is missing: apt-get install $2"; }

need podman podman
[ -x /bin/busybox ] || die "/bin/busybox is missing: apt-get install busybox-static"
mkdir -p "$state"
# shellcheck source=engine.sh
. "$here/engine.sh"
engine_configure "$state"

# An image is named by a digest of everything it is made of, so what has not changed is not built again.
digest_of() { (cd "$here" && find "$@" -type f -print0 | sort -z | xargs -0 sha256sum; echo "$base_recipe") | sha256sum | cut -c1-16; }
present() { [ "$(podman image inspect --format '{{index .Labels "sublet.digest"}}' "$1" 2>/dev/null)" = "$2" ]; }

# From nothing but one static program: 2 MB. Under the whole name that deployment files mean by sublet/web:1, so it needs no pull.
build_web() {
    local digest image=docker.io/sublet/web:1
    digest=$(digest_of web)
    if present "$image" "$digest"; then say "sublet/web:1 is there"; return; fi
    local context
    context=$(mktemp -d "$state/web.XXXXXX")
    cp -r "$here/web/." "$context"
    cp /bin/busybox "$context/busybox"
    podman build -q --label sublet.test=1 --label "sublet.digest=$digest" -t "$image" "$context" >/dev/null
    rm -rf "$context"
    say "sublet/web:1 built"
}

# root_file_system DIGEST PACKAGES: $state/root-DIGEST.tar, Debian's minimum and these.
root_file_system() {
    [ ! -f "$state/root-$1.tar" ] || return 0
    need mmdebstrap mmdebstrap
    mmdebstrap --quiet --format=tar --variant=minbase --include="$2" \
        --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' \
        --customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*.bin "$1"/var/log/*' \
        "$suite" "$state/root-$1.tar.part" || die "mmdebstrap failed: see above; it needs root and a Debian mirror"
    mv "$state/root-$1.tar.part" "$state/root-$1.tar"
}

build_base() {
    local digest
    digest=$(printf '%s' "$base_recipe" | sha256sum | cut -c1-16)
    base=localhost/sublet/base:$digest
    if podman image exists "$base"; then return; fi
    say "making a Debian root file system (about 30 s)"
    root_file_system "$digest" "$packages"
    podman import -q --change 'LABEL sublet.test=1' "$state/root-$digest.tar" "$base" >/dev/null
    say "base imported"
}

# Blender as Debian has it, 1.1 GB: what jobs of kind blender run in.
build_blender() {
    local digest image=docker.io/sublet/blender:3.4
    digest=$(printf '%s' "$blender_recipe" | sha256sum | cut -c1-16)
    if present "$image" "$digest"; then say "sublet/blender:3.4 is there"; return; fi
    say "making a Debian root file system with Blender (about 2 minutes)"
    root_file_system "$digest" blender
    podman import -q --change "LABEL sublet.test=1" --change "LABEL sublet.digest=$digest" "$state/root-$digest.tar" "$image" >/dev/null
    rm -f "$state/root-$digest.tar"  # the engine has it now
    say "sublet/blender:3.4 imported"
}

# image NAME:TAG FOLDER: the name is the one that published deployment files ask for.
build_on_base() {
    local image=localhost/sublet/$1 folder=$2 digest
    digest=$(digest_of "$folder")
    if present "$image" "$digest"; then say "$1 is there"; return; fi
    podman build -q --build-arg "BASE=$base" --label "sublet.digest=$digest" -t "$image" "$here/$folder" >/dev/null
    say "$1 built"
}

[ "$what" = blender ] || build_web
if [ "$what" = blender ]; then build_blender; fi
if [ "$what" = all ]; then
    build_base
    while read -r name folder; do build_on_base "$name" "$folder"; done < <(published_images)
fi
podman image prune -f --filter label=sublet.test=1 >/dev/null  # what a rebuild has replaced
say "done"
