#!/usr/bin/env bash
# published.sh: deployment files that others published, unmodified, on images under their published names (from images/, served by a
# loopback registry that stands in for docker.io), driven by their real clients.
# The files are read from $SUBLET_SHARED (else ../shared beside the checkout); without them this skips.
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

files=${SUBLET_SHARED:-$root/../shared}/data/sdl/awesome
[ -d "$files" ] || skip "the published files are not here ($files; SUBLET_SHARED names their folder)"
command -v docker-registry >/dev/null || skip "there is no docker-registry here (apt-get install docker-registry)"
[ "$(nproc)" -ge 2 ] || skip "CodiMD/deploy.yaml asks for two cores, and this machine has one"

must "the images are built" bash -c "'$root/images/build.sh' >'$work/images.err' 2>&1"
registry=$work/registry
cleanup+=("'$root/images/registry.sh' stop '$registry' --purge >/dev/null 2>&1")
must "a registry has them under their published names" \
    bash -c "{ '$root/images/registry.sh' start '$registry' && '$root/images/registry.sh' push '$registry'; } >'$work/registry.err' 2>&1"

# A part of the machine is not enough: the largest of the files asks for two cores.
network_files "engine.own = true" "engine.registries_conf = \"$registry/registries.conf\"" "machine.cpu_permille = 1000" \
    "machine.memory_permille = 900"
must "a node and a provider run" eval 'start_node && start_lend'

# client IMAGE COMMAND…: a program of this machine, else the one inside the image.
client() {
    local image=$1
    shift
    if command -v "$1" >/dev/null; then
        timeout 60 "$@"
    else
        CONTAINERS_CONF=$registry/containers.conf timeout 60 podman run --rm --network=host -e PGPASSWORD --entrypoint "$1" \
            "localhost/sublet/$image" "${@:2}"
    fi
}

# rent NAME: rents the published file; sets status and lease.
rent() {
    status=$("$sublet" --json rent --timeout 120 "$files/$1/deploy.yaml" 2>"$work/rent-$1.err")
    must "$1/deploy.yaml runs as it is published" [ "$(jq -r '.leases[0].lease.state' <<<"$status" 2>/dev/null)" = running ]
    lease=$(lease_of "$status")
}
# end NAME: closes the lease: what was deposited is paid or refunded, the provider has its part.
end() {
    check "$1: the lease closes" "$sublet" lease close "$lease"
    check "$1: the bill is settled" within 30 settled "$lease"
    equal "$1: deposited = paid + refunded" "$(field "$lease" .lease.account.deposited)" \
        "$(field "$lease" '(.lease.account.paid | tonumber) + (.lease.account.refunded | tonumber)')"
}

rent redis
port=$(host_port "$status" redis 6379)
contains "redis: the image is pulled through the registry, and the tenant sees it" "pulled redis:8.2.2 in" "$("$sublet" lease events "$lease")"
equal "redis: redis-cli: PING" PONG "$(client redis:8.2.2 redis-cli -h 127.0.0.1 -p "$port" PING)"
client redis:8.2.2 redis-cli -h 127.0.0.1 -p "$port" SET fruit mango >/dev/null
equal "redis: redis-cli: GET gives what SET kept" mango "$(client redis:8.2.2 redis-cli -h 127.0.0.1 -p "$port" GET fruit)"
measured=$(client redis:8.2.2 redis-benchmark -h 127.0.0.1 -p "$port" -q -n 5000 -t set,get --csv)
check "redis: redis-benchmark: 10000 requests" grep -q '"GET"' <<<"$measured"
check "redis: its logs reach the tenant" grep -qi "ready to accept connections" <("$sublet" lease logs "$lease" --tail 100)
end redis

rent react
url=$(url_of "$status")
check "react: the published volume is mounted at /usr/share/nginx/html" grep -q /usr/share/nginx/html \
    <(engine inspect "$(containers "$lease" | cut -d ' ' -f 1)")
equal "react: curl: 200" 200 "$(curl -s --retry 10 --retry-connrefused --max-time 10 -o /dev/null -w '%{http_code}' "$url")"
end react

rent CodiMD
port=$(host_port "$status" codimd 3000)
notes=http://127.0.0.1:$port/cgi-bin/notes
text="rented by the second"
check "CodiMD: the front comes up once its database does" within 60 curl -fs --max-time 5 "http://127.0.0.1:$port/"
check "CodiMD: curl: a note is posted" curl -fsS --max-time 10 -X POST -d "$text" "$notes?first"
equal "CodiMD: curl: and read again" "$text" "$(curl -fsS --max-time 10 "$notes?first")"
port=$(host_port "$status" database 5432)
equal "CodiMD: psql: it is in the database of the other service" "first|$text" \
    "$(PGPASSWORD=change_password client postgres:11.6-alpine psql -h 127.0.0.1 -p "$port" -U codimd codimd -Atc 'select * from notes')"
equal "CodiMD: psql: a wrong password is refused" refused \
    "$(PGPASSWORD=wrong client postgres:11.6-alpine psql -h 127.0.0.1 -p "$port" -U codimd codimd -Atc 'select 1' 2>/dev/null || echo refused)"
end CodiMD

check "the provider stops" stop lend
check "the node stops" stop node
equal "no container, network, volume or rule is left" "" "$(remains_after 10 "${instances[0]}")"
