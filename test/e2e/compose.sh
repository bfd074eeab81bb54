#!/usr/bin/env bash
# compose.sh: a docker compose file is rented and runs on real containers as it would at home: order, a job that ends, a shared
# volume, ports, variables; a deployment file with compose words; what is said about all that is not taken over.
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

"$root/images/build.sh" web >"$work/images.log" 2>&1 || skip "images/build.sh fails: $(tail -n 1 "$work/images.log")"
network_files
must "a node and a provider run" eval 'start_node && start_lend'

files=$here/files/compose
container() { engine ps -aq --no-trunc --filter "label=sublet.agent=${instances[0]}" --filter "label=sublet.lease=$1" --filter "label=sublet.service=$2"; }
moment() { engine inspect --format "{{.State.$2.UnixNano}}" "$1"; }
exits() {
    local name=$1 wanted=$2 got=0
    shift 2
    timeout 60 "$sublet" "$@" >"$work/words" 2>&1 || got=$?
    equal "$name" "$wanted" "$got"
}
says() { check "$1" grep -qF -- "$2" "$work/words"; }

# ── without renting anything
exits "from-compose" 0 sdl from-compose "$files/compose.yml"
check "names a key that is ignored, with its place" grep -qE 'compose.yml:[0-9]+:5: warning: service "web": labels is ignored' "$work/words"
says "and a default that was chosen" "not said in the file"
"$sublet" sdl from-compose "$files/compose.yml" >"$work/deploy.yaml" 2>/dev/null
hash=$("$sublet" --json rent --dry-run "$files/compose.yml" | jq -r .manifest_hash)
equal "what it prints is the very manifest that is rented" "$hash" "$("$sublet" --json sdl check "$work/deploy.yaml" | jq -r .manifest_hash)"
exits "a path of the host is refused" 1 rent --dry-run <(sed 's,data:/data$,./html:/data,' "$files/compose.yml")
says "with a fix" "write NAME:/data"
exits "so is a build" 1 rent --dry-run <(printf 'services:\n  web:\n    build: .\n')
says "with what to do" "docker push"
exits "explain" 0 sdl explain "$files/compose.yml"
says "the order in words" "web starts when prepare has ended well"
says "what is kept" "64 MiB at /data (read only) as long as the lease lives"
says "what it costs at the offer that is there" "the cheapest of 1 that match"
sed 's/pricing:/attributes: { region: moon }\n      pricing:/; s/"100m"/250/' "$work/deploy.yaml" >"$work/moon.yaml"
exits "explain a file that nobody can serve" 0 sdl explain "$work/moon.yaml"
says "names the attribute that nobody has" "no provider has the attribute region = moon"
says "and the size that nobody has" "500 cores are asked for; the largest offer has"
exits "explain without a network" 0 --node http://127.0.0.1:1 sdl explain "$files/compose.yml"
says "says that no offers were looked at" "No offers were looked at"

exits "the example of the README matches an offer" 0 rent --dry-run "$root/examples/compose.yml"

# ── rented
rented=$("$sublet" --json rent "$files/compose.yml" 2>"$work/rent.err")
must "a compose file runs" [ "$(jq -r '.leases[0].lease.state' <<<"$rented")" = running ]
lease=$(lease_of "$rented")
web=$(container "$lease" web) prepare=$(container "$lease" prepare)
port=$(host_port "$rented" web 8080)
equal "the page that the job wrote is served from the volume that both mount" "prepared by the env file" \
    "$(curl -fsS --max-time 5 "http://127.0.0.1:$port/index.html")"
check "the server started after the job had ended" [ "$(moment "$web" StartedAt)" -gt "$(moment "$prepare" FinishedAt)" ]
environment=$(engine inspect --format '{{range .Config.Env}}{{println .}}{{end}}' "$web")
contains "env_file: a variable in quotes" "FROM_FILE=two words" "$environment"
contains "environment: wins over env_file, with a variable of .env" "WHO=the env file" "$environment"
contains "container_name is a name on the network" Shop_Web \
    "$(engine inspect --format '{{range .NetworkSettings.Networks}}{{.Aliases}}{{end}}' "$web")"
equal "the memory limit" "$((64 * 1024 * 1024))" "$(engine inspect --format '{{.HostConfig.Memory}}' "$web")"
contains "the job has ended" '"ended"' "$("$sublet" --json lease status "$lease" | jq -c '[.. | .services? // empty | .[] | select(.name == "prepare") | .state]')"
contains "and its end is told" "its restart policy lets it rest" "$("$sublet" lease events "$lease")"

# What has ended stays so when the agent starts again; what shall run is adopted.
ended=$(moment "$prepare" StartedAt)
kill_hard lend
must "the agent starts again" start_lend
sleep 1.5
equal "the job is not run a second time" "$ended" "$(moment "$(container "$lease" prepare)" StartedAt)"
engine kill "$web" >/dev/null
back() { curl -fsS --max-time 2 "http://127.0.0.1:$port/index.html"; }
check "a server that is to run is started again" within 20 back
check "lease close" "$sublet" lease close "$lease"

# ── a deployment file with compose words
exits "sdl check" 0 sdl check "$here/files/words.yaml"
says "names what is ignored" "labels is ignored"
exits "sdl check --strict" 1 sdl check --strict "$here/files/words.yaml"
says "refuses the words" "depends_on"
exits "Akash's own verdict" 1 sdl check --akash-json "$here/files/words.yaml"
says "is invalid" '"status":"invalid"'
rented=$("$sublet" --json rent "$here/files/words.yaml" 2>"$work/words.err")
must "it runs" [ "$(jq -r '.leases[0].lease.state' <<<"$rented")" = running ]
words=$(lease_of "$rented")
check "front started after back" [ "$(moment "$(container "$words" front)" StartedAt)" -gt "$(moment "$(container "$words" back)" StartedAt)" ]
rests() { [ "$(engine inspect --format '{{.State.Status}} {{.State.ExitCode}}' "$(container "$words" back)")" = "exited 3" ]; }
check "what fails with restart: no" within 10 rests
sleep 2.5
check "stays down" rests
check "lease close of the second" "$sublet" lease close "$words"

# ── health, where the engine can run a command inside a container at all
probe=$(engine run -d --network none sublet/web:1 2>/dev/null)
if engine exec "$probe" /bin/busybox test -e /run/.containerenv >/dev/null 2>&1; then
    cat >"$work/health.yml" <<'F'
services:
  web: { image: "sublet/web:1", cpus: 0.1, depends_on: { slow: { condition: service_healthy } }, ports: ["80:80"] }
  slow:
    image: sublet/web:1
    cpus: 0.1
    entrypoint: ["/bin/busybox", "sh", "-c"]
    command: ["/bin/busybox sleep 2; /bin/busybox touch /tmp.ok; exec /bin/busybox sleep 1000"]
    healthcheck: { test: ["CMD", "/bin/busybox", "test", "-e", "/tmp.ok"], interval: 500ms }
F
    rented=$("$sublet" --json rent "$work/health.yml" 2>/dev/null)
    check "a service waits until another is healthy" [ "$(jq -r '.leases[0].lease.state' <<<"$rented")" = running ]
    third=$(lease_of "$rented")
    contains "and its health is told" "slow-0 is healthy" "$("$sublet" lease events "$third")"
    check "lease close of the third" "$sublet" lease close "$third"
else
    echo "skip $script: health checks: this machine's engine runs no commands inside containers"
fi
engine rm -f -t 0 "$probe" >/dev/null 2>&1

no_containers() { [ -z "$(containers "$1")" ]; }
for id in "$lease" "$words" ${third:+"$third"}; do
    check "nothing of lease $id is left" within 30 no_containers "$id"
done
check "the agent stops" stop lend
check "the node stops" stop node
equal "no container, network, volume or rule is left" "" "$(remains_after 10 "${instances[0]}")"
