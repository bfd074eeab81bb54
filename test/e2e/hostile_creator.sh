#!/usr/bin/env bash
# hostile_creator.sh: a creator who means harm against an honest worker that stands in the open: archives, torrents, packages, images and scenes,
# brought by a client that checks nothing (hostile/creator.py). Each is refused in words or held in its container; the worker stays, keeps nothing,
# calls nobody, is paid what the rules say, and does honest work between. docs/spec/cage.md has the table, which this script compares
# (UPDATE_GOLDEN=1 writes it). The hosts around are made here in a network namespace; nothing else is addressed.
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
# shellcheck source=lib/around.sh
. "$here/lib/around.sh"
export PYTHONDONTWRITEBYTECODE=1

[ "$(id -u)" = 0 ] || skip "needs root: network namespaces are made"
[ -x /bin/busybox ] || skip "there is no /bin/busybox here (apt-get install busybox-static)"
for image in web blender; do
    "$root/images/build.sh" $image >"$work/images.log" 2>&1 || skip "images/build.sh fails: $(tail -n 1 "$work/images.log")"
done
hosts_around
mkdir "$work/host" && echo "what nobody may see" >"$work/host/secret"

# ── who must not be called: a server at the loopback address, one at all addresses around; and the registry that leads there
python=$here/hostile/registry.py
victim=$((hostport + 1))
start loopback python3 "$python" 127.0.0.1 $victim
start around ip netns exec "cage$$" python3 "$python" 0.0.0.0 8080
places=$(jq -n --arg v $victim '{loopback: "http://127.0.0.1:\($v)"}
    + ({metadata: "'$metadata'", lan: "'$lan'", ten: "'$ten'"} | map_values("http://\(.):8080"))')
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=registry -addext "subjectAltName=IP:$internet" \
    -keyout "$work/registry.key" -out "$work/registry.crt" 2>/dev/null
cat "$work/registry.key" "$work/registry.crt" >"$work/registry.pem"
start registry ip netns exec "cage$$" python3 "$python" "$internet" 5443 "$work/registry.pem" "$places" /bin/busybox
export SSL_CERT_FILE=$work/registry.crt
for place in $(jq -r '.[]' <<<"$places"); do check "the host itself reaches ${place/:$victim/}" within 10 curl -fsS --max-time 3 -o /dev/null "$place/"; done
must "the registry answers" within 10 curl -fsS --max-time 3 --cacert "$work/registry.crt" -o /dev/null "https://$internet:5443/v2/"
called() { tr -d '\0' <"$work/loopback.out" && tr -d '\0' <"$work/around.out"; } # they write where they were
nobody_called() { : >"$work/loopback.out" && : >"$work/around.out"; }
for way in hostile/manifest-loopback hostile/manifest-metadata hostile/blob-ten hostile/foreign-loopback; do
    nobody_called
    engine pull -q "$internet:5443/$way:1" >/dev/null 2>&1
    contains "an engine that nobody holds back is led astray by $way" "called" "$(called)"
done
nobody_called
engine pull -q "$internet:5444/hostile/token:1" >/dev/null 2>&1
contains "and asks where it is told for tokens" "called" "$(called)"
nobody_called

network_files 'jobs.slots = 3' 'machine.cpu_permille = 1000' 'machine.memory_permille = 900'
printf '[gateway]\naddress = "%s"\npublic_host = "%s"\n' "${internet%.*}.253" "${internet%.*}.253" >>"$work/lend.toml"
must "the node starts" start_node
must "a provider starts, in the open" start_lend
agent=${pids[lend]}
secret=$(openssl rand -hex 32)
"$sublet" wallet import thief --secret --file - <<<"$secret" >"$work/thief.out" 2>&1
must "a second creator has money" "$sublet" wallet send thief 100 --key tenant
settings=$(jq -n --arg secret "$secret" --arg node "$SUBLET_NODE" --arg chain "$(jq -r .chain_id "$work/genesis.json")" --arg kept "$work/lend/jobs" \
    --arg results "$here/cage/results.py" --arg registry "$internet:5443" --arg loopback "127.0.0.1:$victim" --arg lan $lan \
    '{$secret, $node, $chain, $kept, image: "docker.io/sublet/web:1", $results, $registry, $loopback, around: {$lan}}')
images_here() { engine images -aq --no-trunc | sort -u; }
images_before=$(images_here)
images_gone() { [ -z "$(comm -13 <(echo "$images_before") <(images_here))" ]; }
earned=$(balance lender)
accepted=0
rows=()

# honest WHEN [IMAGE]: a job of somebody else. Where it names an image, the worker is told to forget the job.
honest() {
    local ended
    ended=$("$sublet" --json batch --yes --image "${2:-docker.io/sublet/web:1}" --pay 0.001 --cores 0.2 --memory 64Mi --out "$work/honest-$accepted" -- \
        /bin/busybox sh -c '/bin/busybox echo well >out/said' 2>>"$work/honest.err")
    equal "honest work is done $1" "done well" "$(jq -r .job.state <<<"$ended") $(cat "$work/honest-$accepted/said" 2>/dev/null)"
    accepted=$((accepted + 1))
    [ $# = 1 ] || check "and forgotten" "$sublet" job forget --yes "$(jq -r .job.id <<<"$ended")"
}
# judge GROUP FILE: every line is a row.
judge() {
    local name answer wrong count=0
    while IFS='|' read -r name answer wrong; do
        count=$((count + 1))
        if [ -z "$wrong" ]; then ok "$1: $name: $answer"; else bad "$1: $name: $answer" "$wrong"; fi
        rows+=("| $1 | $name | $answer |")
    done <"$2"
    [ $count -gt 0 ] || bad "$1: it was tried" "$(tail -n 3 "$work/$1.err" "$work/lend.err")"
}

# ── what is no image or no input
honest "before"
honest "in an image from the registry in the open" "$internet:5443/hostile/honest:1"
honest "in one whose layer has names that lead out" "$internet:5443/hostile/escape:1"
for group in inputs swarms images; do
    timeout 100 python3 "$here/hostile/creator.py" $group "$settings" >"$work/$group" 2>"$work/$group.err" || bad "$group: the attempts end" "$(tail -n 1 "$work/$group.err")"
    judge $group "$work/$group"
    equal "$group: the agent is the same" "$agent" "$(pgrep -f -- "--data $work/lend ")"
    honest "after them"
done
sed "s|image: .*|image: $internet:5443/hostile/manifest-loopback:1|" "$here/files/web.yaml" >"$work/lease.yaml"
"$sublet" --json rent --timeout 60 --deposit 0.5 "$work/lease.yaml" >"$work/rent.out" 2>&1
contains "a lease's image is led nowhere either" "image_failed" "$(tail -n 1 "$work/rent.out")"
equal "nobody was called whom a stranger named" "" "$(called | sort | uniq -c)"

# ── scenes, by the real client without its preflight; and one with a command that lets them do what they like
blender() { # ARGUMENT…: plain Blender in the same image, $work/scenes at /scratch
    engine run --rm --network none --label "sublet.agent=${instances[0]}" -v "$work/scenes:/scratch" docker.io/sublet/blender:3.4 \
        blender -b --factory-startup --disable-autoexec -noaudio "$@"
}
mkdir "$work/scenes" && cp "$here/files/hostile_scenes.py" "$work/scenes"
blender --python-exit-code 1 --python /scratch/hostile_scenes.py -- /scratch "$work/host" >"$work/make.log" 2>&1
must "the scenes are made" [ -s "$work/scenes/reads.blend" ]
python3 - "$work/scenes/bomb.blend" <<'PY' # 10 GB of nothing in 10 MB: the same packed piece again and again
import sys, zlib
pack = zlib.compressobj(9, zlib.DEFLATED, 31)
with open(sys.argv[1], "wb") as out:
    out.write(pack.compress(b"BLENDER-v304REND" + bytes(16 << 20)) + pack.flush(zlib.Z_FULL_FLUSH))
    piece = pack.compress(bytes(16 << 20)) + pack.flush(zlib.Z_FULL_FLUSH)
    out.writelines(piece for _ in range(640))
PY
own_key() { "$sublet" wallet new "$1" >/dev/null 2>&1 && "$sublet" wallet send "$1" 10 --key tenant >/dev/null; }
declare -A scenes=([text]="a text that runs by itself" [driver]="drivers that call Python" [writes]="writes to the host, to /etc, to its input"
    [reads]="reads a library, a picture and a sound of the host")
for name in text driver writes reads; do
    own_key "c-$name" # who writes to the ledger at the same time needs one
    "$sublet" --json --key "c-$name" render --yes --no-preflight "$work/scenes/$name.blend" --frame 1 --pay 0.001 --memory 512Mi --timeout 60 --format PNG --out "$work/$name" \
        >"$work/$name.json" 2>"$work/$name.err" &
    scenes[$name.pid]=$!
done
mkdir "$work/in" && cp "$work/scenes/text.blend" "$work/in"
"$sublet" --json --key thief batch --yes --image docker.io/sublet/blender:3.4 --pay 0.001 --memory 512Mi --in "$work/in" --out "$work/let" -- \
    blender -b -y in/text.blend -o //../out/frame- -F PNG -f 1 >"$work/let.json" 2>"$work/let.err"
for name in text driver writes reads; do
    wait "${scenes[$name.pid]}"
    answer="$(jq -r .job.state "$work/$name.json"): $(cd "$work/$name" 2>/dev/null && echo *)"
    wrong=$(tail -n 1 "$work/$name.err")
    [ "$answer" != "done: 0001.png" ] || wrong=
    echo "${scenes[$name]}|$answer|$wrong" >>"$work/scenes.rows"
    accepted=$((accepted + 1))
done
accepted=$((accepted + 1))
own_key c-bomb
"$sublet" --json --key c-bomb render --yes --no-preflight "$work/scenes/bomb.blend" --frame 1 --pay 0.001 --memory 512Mi --timeout 60 --format PNG --out "$work/bomb" >"$work/bomb.json" 2>&1 &
bomb=$!
bomb_job() { "$sublet" --json --key c-bomb job ls | jq -e -r '.jobs[0].id'; }
bomb_says() { sed -n "s/.*worker: job $(bomb_job), task 0, attempt 1: //p" "$work/lend.err" | grep -m 1 .; }
within 40 bomb_says
answer=$(bomb_says)
grep -qxE "it ran out of memory|exit code 137|the program ended with exit code 137 before the task was done" <<<"$answer" && answer="it ran out of memory"
"$sublet" --json --key c-bomb job cancel "$(bomb_job)" >/dev/null 2>&1
wait $bomb
echo "a scene that unpacks to 10 GB|ended: $answer|$([ "$answer" = "it ran out of memory" ] || tail -n 1 "$work/bomb.json")" >>"$work/scenes.rows"
equal "the text would do it where somebody let it" "done owned" "$(jq -r .job.state "$work/let.json") $(cat "$work/let/owned" 2>/dev/null)"
judge scenes "$work/scenes.rows"
equal "nothing of the host was written" "secret" "$(cd "$work/host" && echo *)"
equal "nor in /etc or /tmp" "" "$(find /etc /tmp -maxdepth 1 \( -name "owned*" -o -name "*sublet-escaped*" \))"
honest "after them"

# ── what is left, and who has the money
equal "the agent was never started again" "$agent" "${pids[lend]}"
check "it lives" alive lend
check "images that strangers named are gone" within 40 images_gone
check "what the worker keeps is small" [ "$(du -sm "$work/lend" | cut -f 1)" -lt 64 ]
equal "the worker has the pay of its tasks, and of nothing else" $((earned + 1000 * accepted)) "$(balance lender)"
check "what jobs held and paid adds up" settled_sum tenant lender operator thief c-text c-driver c-writes c-reads c-bomb
check "the agent stops" stop lend

table_in "| | attempt | answer |" compare "${rows[@]}"
[ $failures = 0 ]
