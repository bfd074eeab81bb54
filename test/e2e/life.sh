#!/usr/bin/env bash
# life.sh: the life of a lease on real containers: money that ends and comes back, images that do not come, two tenants, what a
# deployment file asks for, who can reach whom, the owner's word, exit codes.
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

"$root/images/build.sh" all >"$work/images.log" 2>&1 || skip "images/build.sh fails: $(tail -n 1 "$work/images.log")"
network_files 'price.cpu_core_hour = "36"' 'price.notice_s = 0'  # 0.1 core: 1000 ucredit a second
must "a node and a provider run" eval 'start_node && start_lend'

# exits NAME STATUS COMMAND…: what the program ends with; its words are in $work/words.
exits() {
    local name=$1 wanted=$2 got=0
    shift 2
    timeout 60 "$sublet" "$@" >"$work/words" 2>&1 || got=$?
    equal "$name" "$wanted" "$got"
}
says() { check "$1" grep -qF -- "$2" "$work/words"; }
pid_of() { engine inspect --format '{{.State.Pid}}' "$1"; }
# By the process's own root: an engine's exec does not enter a container where this machine is itself a plain chroot.
enter() { nsenter -t "$(pid_of "$1")" -m -u -i -n -p -r -w "${@:2}"; }
inside() { enter "$1" /bin/busybox "${@:2}"; }
# reaches CONTAINER HOST PORT: opens a connection from inside. Prints reached, silent, refused or unknown.
reaches() {
    local words
    if words=$(enter "$1" timeout 3 bash -c "exec 3<>/dev/tcp/$2/$3" 2>&1); then
        echo reached
    elif [[ $words == *"not known"* || $words == *"resolution"* ]]; then
        echo unknown
    elif [[ $words == *refused* ]]; then
        echo refused
    else
        echo silent
    fi
}
container() { engine ps -q --filter "label=sublet.agent=${instances[0]}" --filter "label=sublet.lease=$1" --filter "label=sublet.service=$2" | sort | sed -n "${3:-1}p"; }
address() { engine inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$1"; }
closed_for() { is "$1" .lease.state closed && is "$1" .lease.reason "$2"; }

lender=$(balance lender)

# ── money ends, and comes back
rented=$("$sublet" --json rent --deposit 0.006 "$here/files/web.yaml" 2>"$work/rent.err")
must "a lease with six seconds' money runs" [ "$(jq -r '.leases[0].lease.state' <<<"$rented")" = running ]
first=$(lease_of "$rented")
url=$(url_of "$rented")
check "the environment reaches the container" grep -qF 'Hello &amp; welcome &lt;you>' <(curl -fsS --max-time 5 "$url")
before=$(containers "$first")
check "its money ends: the lease is paused" within 20 is "$first" .lease.state paused
frozen() { [[ $(containers "$first") == *" paused" ]]; }
check "its container is frozen" within 5 frozen
equal "and does not answer" silent "$(curl -s --max-time 1 -o /dev/null "$url" || echo silent)"
check "the deposit is used up, but for what no millisecond can be bought with" [ "$(field "$first" .left_ucredit)" -le 1 ]
check "a top-up" "$sublet" lease top-up "$first" 0.5
check "the lease runs again" within 15 is "$first" .lease.state running
equal "in the same container, thawed" "$before" "$(containers "$first")"
check "it answers again" within 5 answers "$url"

# ── a second tenant on the same provider
"$sublet" wallet new second >/dev/null 2>&1
check "the faucet gives to a new key" "$sublet" --key second wallet faucet
equal "a hundred credits" 100000000 "$(balance second)"
rented=$("$sublet" --json --key second rent "$here/files/pair.yaml" --deposit 5 2>"$work/pair.err")
must "a second tenant rents two services" [ "$(jq -r '.leases[0].lease.state' <<<"$rented")" = running ]
pair=$(lease_of "$rented")
equal "count: 2 gives two copies, and one of the other" "front=2 store=1" \
    "$(jq -r '[.leases[0].status.services[] | "\(.name)=\(.replicas_ready)"] | sort | join(" ")' <<<"$rented")"
exits "a tenant has no way to another's logs" 1 --key tenant lease logs "$pair"
says "and hears why" "is not theirs"
exits "nor an end of another's lease" 3 --key tenant lease close "$pair"
front=$(container "$pair" front) other=$(container "$first" web)
store=$(container "$pair" store)
contains "env: a value is in its container" only-in-this-lease "$(tr '\0' '\n' <"/proc/$(pid_of "$front")/environ")"
contains "command and args replace the image's" "httpd -f -p 8080" "$(inside "$store" ps)"
equal "cpu: a tenth of a core" "10000" "$(engine inspect --format '{{.HostConfig.CpuQuota}}' "$store")"
equal "memory: 64 MiB" "$((64 * 1024 * 1024))" "$(engine inspect --format '{{.HostConfig.Memory}}' "$store")"

# ── who can reach whom
equal "a service finds another by name" reached "$(reaches "$front" store 8080)"
equal "and on no port where nothing listens" refused "$(reaches "$front" store 8081)"
equal "what only a service may ask is not open to all" "" "$(host_port "$rented" store 8080)"
port=$(shuf -i 30000-32000 -n 1)
mkdir "$work/www" && echo host >"$work/www/index.html"
start host /bin/busybox httpd -f -p "0.0.0.0:$port" -h "$work/www"
check "the host serves something on all its addresses" within 5 answers "http://127.0.0.1:$port/"
gateway=$(engine inspect --format '{{range .NetworkSettings.Networks}}{{.Gateway}}{{end}}' "$front")
check "it is there at the address that containers see" answers "http://$gateway:$port/"
equal "a container does not reach the host" silent "$(reaches "$front" "$gateway" "$port")"
equal "nor the host by another of its addresses" silent "$(reaches "$front" "$(hostname -I | cut -d ' ' -f 1)" "$port")"
equal "nor the other tenant's container" silent "$(reaches "$front" "$(address "$other")" 80)"
equal "nor finds it by name" unknown "$(reaches "$front" web 80)"
stop host || true

# ── what is persistent stays when its container is replaced
engine rm -f -t 0 "$store" >/dev/null
replaced() { local now; now=$(container "$pair" store) && [ -n "$now" ] && [ "$now" != "$store" ] && [ "$(inside "$now" wc -l /data/starts | cut -d ' ' -f 1)" = 2 ]; }
check "a container that is gone is replaced, its persistent volume is the same" within 30 replaced
check "the other copies keep running" [ "$(container "$pair" front)" = "$front" ]

# ── an image that cannot be had
sed 's,image: .*,image: 127.0.0.1:1/nothing/here:1,' "$here/files/web.yaml" >"$work/no-image.yaml"
exits "an image that cannot be pulled ends the rent" 1 rent "$work/no-image.yaml"
says "and says so" image_failed
says "and why" 127.0.0.1:1
missing=$("$sublet" --json lease ls --all | jq -r '[.leases[] | select(.reason == "image_failed")][0].id // empty')
equal "the provider earns nothing by it" 0 "$(field "${missing:-0}" .lease.account.paid)"

# ── nothing matches, and why
sed 's/units: 0.1/units: 250/' "$here/files/web.yaml" >"$work/large.yaml"
exits "a dry run that nothing matches" 6 rent --dry-run "$work/large.yaml"
says "says that it does not match" "does not match"
says "and what would" "would match"
exits "so does a rent, and rents nothing" 6 rent "$work/large.yaml"
exits "a price that nobody takes" 6 rent --dry-run --max-price 0.001 "$here/files/web.yaml"
exits "a dry run that matches" 0 rent --dry-run "$here/files/web.yaml"
says "names the price" "credits per hour"

# ── exit codes
exits "usage: an unknown option" 2 rent --nonsense "$here/files/web.yaml"
exits "usage: no such file" 2 rent "$work/nowhere.yaml"
exits "refused: more than there is" 3 --key second wallet send tenant 1000000
exits "refused: too little money" 3 rent --deposit 0.000001 "$here/files/web.yaml"
exits "not found: a lease" 4 lease status 999
exits "no node answers" 7 --node http://127.0.0.1:1 offer ls
echo 'version: "2.0"' >"$work/empty.yaml"
exits "a file that is none" 1 sdl check "$work/empty.yaml"

# ── the owner's word
check "lend pause" lend pause
equal "the offer is paused" paused "$(lend --json status | jq -r .offer.state)"
exits "nothing is rented meanwhile" 6 rent "$here/files/web.yaml"
equal "what runs goes on" running "$(field "$pair" .lease.state)"
check "lend resume" lend resume
exits "it can be rented again" 0 rent --dry-run "$here/files/web.yaml"
check "lease close by its tenant" "$sublet" lease close "$first"
check "lend drain" lend drain
check "the lease that runs is ended by its provider" within 30 closed_for "$pair" decommission
no_containers() { [ -z "$(containers "$1")" ]; }
check "its containers are gone, with their grace" within 30 no_containers "$pair"
for id in "$first" "$pair"; do
    check "lease $id is settled" within 30 settled "$id"
    equal "lease $id: deposited = paid + refunded" "$(field "$id" .lease.account.deposited)" \
        "$(field "$id" '(.lease.account.paid | tonumber) + (.lease.account.refunded | tonumber) + (.lease.account.burnt | tonumber)')"
done
contains "its tenant was told beforehand" "the owner takes this machine back" "$("$sublet" --key second lease events "$pair")"

# Its order looks for another provider, and holds the deposit meanwhile.
check "the tenant of a lease that its provider ended takes its order back" "$sublet" --key second lease close "$pair"
exits "an order that nobody takes times out" 5 rent --wait --timeout 1 --deposit 100 "$work/large.yaml"
waiting=$(sed -n 's/^deployment \([0-9]*\)$/\1/p' "$work/words")
check "and can be taken back too" "$sublet" lease close --deployment "$waiting"

# ── to the unit
bill=$(($(paid_for "$first") + $(paid_for "$pair")))
equal "lend earnings: all that the tenants paid" "$bill 0" "$(lend --json earnings | jq -r '.paid_ever + " " + .not_yet_paid')"
equal "the lender has it" "$((lender + bill))" "$(balance lender)"
equal "the tenant misses its bill and its fees" "$((1000000000 - $(paid_for "$first") - $(field "$missing" .lease.account.burnt) - $(fees_of tenant)))" "$(balance tenant)"
equal "the second tenant too" "$((100000000 - $(paid_for "$pair") - $(fees_of second)))" "$(balance second)"
check "no unit has appeared or vanished" settled_sum tenant second lender operator

check "the agent stops" stop lend
check "the node stops" stop node
equal "no container, network, volume or rule is left" "" "$(remains_after 10 "${instances[0]}")"
