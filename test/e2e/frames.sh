#!/usr/bin/env bash
# frames.sh: what becomes of a render's results: those that are not the frame's are not approved; a page shows them as they come; a video
# of them on request. The workers' Blender is a stand-in that answers with files of ours (files/standin.sh).
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

command -v ffmpeg >/dev/null || skip "there is no ffmpeg here (apt-get install ffmpeg)"
[ -x /bin/busybox ] || skip "there is no /bin/busybox here (apt-get install busybox-static)"
# shellcheck source=../../images/engine.sh
(. "$root/images/engine.sh" && engine_configure "$work/images") || skip "podman cannot be configured"
image=docker.io/sublet/standin-$$:1
build() { # FOLDER: an image whose blender answers with the files in FOLDER/frames
    cp /bin/busybox "$here/files/standin.sh" "$1"
    cat >"$1/Containerfile" <<'FILE'
FROM scratch
COPY busybox /bin/busybox
COPY standin.sh /standin.sh
COPY frames /frames
RUN ["/bin/busybox", "sh", "-c", "for each in sh sleep mkdir cp mv echo; do /bin/busybox ln -s busybox /bin/$each; done; printf '#!/bin/sh\nexec sh /standin.sh\n' >/bin/blender; /bin/busybox chmod 755 /bin/blender"]
FILE
    CONTAINERS_CONF=$work/images/containers.conf BUILDAH_ISOLATION=chroot timeout 120 podman build -q --label sublet.test=1 -t "$image" "$1"
}
cleanup+=("podman rmi -f $image >/dev/null 2>&1")

# Frames 1 to 6 are right; 11 has two files, 12 is a text, 13 another frame's, 14 is cut off; 21 to 23 are OpenEXR.
mkdir -p "$work/image/frames"
made() { ffmpeg -nostdin -v error -f lavfi -i "color=$(printf '0x%02x%02x80' $((40 + $2 * 30)) $((220 - $2 * 30))):s=126x70,scale=63:35,format=rgb24" -frames:v 1 "$1" </dev/null; }
for n in 1 2 3 4 5 6 11 12 13 14; do mkdir "$work/image/frames/$n"; done
for n in 1 2 3 4 5 6; do made "$work/image/frames/$n/000$n.png" $n; done
cp "$work/image/frames/1/0001.png" "$work/image/frames/11/0011.png"
echo more >"$work/image/frames/11/more.txt"
echo "no picture at all" >"$work/image/frames/12/0012.png"
cp "$work/image/frames/1/0001.png" "$work/image/frames/13/0001.png"
head -c 90 "$work/image/frames/1/0001.png" >"$work/image/frames/14/0014.png"
for n in 21 22 23; do
    mkdir "$work/image/frames/$n"
    ffmpeg -nostdin -v error -i "$work/image/frames/1/0001.png" -pix_fmt gbrpf32le "$work/image/frames/$n/00$n.exr" </dev/null
done
build "$work/image" >"$work/build.log" 2>&1 || skip "the stand-in's image cannot be built: $(tail -n 1 "$work/build.log")"

network_files
must "the node starts" start_node
must "a provider starts" start_lend
printf 'BLENDER-v304REND' >"$work/any.blend"
render() { "$sublet" --json render --yes "$work/any.blend" --no-preflight --image "$image" --pay 0.001 --memory 64Mi --format PNG "$@" 2>>"$work/render.err"; }
probe() { ffprobe -v error -count_frames -select_streams v -show_entries "stream=$2" -of csv=p=0 "$1"; }

# --- a page as frames come, a video of them when all are there
render --frames 1-6 --out "$work/good" --report --video >"$work/good.out" &
creator=$!
page=$work/good/report.html
going_page() { grep -q 'http-equiv=refresh' "$page" && grep -q 'running; this page loads itself again' "$page" && grep -q '<img loading=lazy src="./000' "$page"; }
check "while it goes on the page has pictures and loads itself again" within 20 going_page
check "which are fewer than all" [ "$(grep -c '<img loading=lazy' "$page")" -lt 6 ]
wait $creator
equal "the job is done" 0 $?
equal "the page is complete" 6 "$(grep -c '<img loading=lazy' "$page")"
equal "and does not load itself again" 0 "$(grep -c http-equiv "$page")"
equal "it shows the video" 1 "$(grep -c '<video class=made controls loop src="./video.mp4">' "$page")"
equal "the video is told" "$work/good/video.mp4" "$(jq -r .video "$work/good.out")"
equal "it is H.264 of all frames, sides made even" "h264,64,36,yuv420p,24/1,6" \
    "$(probe "$work/good/video.mp4" codec_name,width,height,pix_fmt,r_frame_rate,nb_read_frames)"
# Each of its frames is the file's: of 255 levels a few may be lost.
psnr() { ffmpeg -nostdin -hide_banner -framerate 24 -i "$work/good/%04d.png" -i "$1" -lavfi "[0]crop=62:34:0:0,format=rgb24,setpts=N/24/TB[a];[1]crop=62:34:0:0,scale=in_color_matrix=bt709,format=rgb24,setpts=N/24/TB[b];[a][b]psnr" -f null - 2>&1 </dev/null | sed -n 's/.*PSNR .*min:\([0-9]*\).*/\1/p'; }
db=$(psnr "$work/good/video.mp4")
check "its pictures are the frames': ${db:-none} dB" [ "${db:-0}" -ge 32 ]
job_id=$(jq -r .job.id "$work/good.out")
equal "another rate, another place" "$work/slow.mkv" "$("$sublet" --json job video "$job_id" "$work/slow.mkv" --fps 12.5 2>/dev/null | jq -r .video)"
equal "it is so" "25/2,6" "$(probe "$work/slow.mkv" r_frame_rate,nb_read_frames)"
"$sublet" job video "$job_id" "$work/slow.txt" >/dev/null 2>"$work/video.err"
equal "a file that is no video is refused" 2 $?
contains "by its name" ".mp4, .mov or .mkv" "$(cat "$work/video.err")"

# --- errors: no ffmpeg, a frame that is gone, a frame that is broken, a killed command; nothing is left under the name
without_ffmpeg() { unshare -m bash -c 'mount --bind /dev/null "$(readlink -f "$(command -v ffmpeg)")" && exec "$@"' - "$@"; }
if without_ffmpeg true 2>/dev/null; then
    before=$(balance tenant)
    without_ffmpeg "$sublet" render --yes "$work/any.blend" --no-preflight --image "$image" --pay 0.001 --video --out "$work/none" >/dev/null 2>"$work/none.err"
    equal "without ffmpeg a video is refused before anything is paid" "7 $before" "$? $(balance tenant)"
    contains "and told how to get it" "apt-get install ffmpeg" "$(cat "$work/none.err")"
fi
mv "$work/good/0003.png" "$work/kept.png"
"$sublet" job video "$job_id" "$work/gone.mp4" >/dev/null 2>"$work/video.err"
equal "without all frames there is no video" 4 $?
contains "how many there are is said" "5 of 6 frames" "$(cat "$work/video.err")"
head -c 90 "$work/kept.png" >"$work/good/0003.png"
"$sublet" job video "$job_id" "$work/broken.mp4" >/dev/null 2>"$work/video.err"
equal "a frame that cannot be read is no video" 1 $?
contains "and ffmpeg's words are passed on" "ffmpeg ended with code" "$(cat "$work/video.err")"
mv "$work/kept.png" "$work/good/0003.png"
mkdir "$work/bin"
printf '#!/bin/sh\ncase "$*" in *-encoders*) echo " V libx264 "; exit;; esac\necho $$ >%s\necho part >video\nexec sleep 60\n' "$work/ffmpeg.pid" >"$work/bin/ffmpeg"
chmod 755 "$work/bin/ffmpeg"
PATH=$work/bin:$PATH "$sublet" job video "$job_id" "$work/killed.mp4" >/dev/null 2>&1 &
maker=$!
check "ffmpeg runs" within 10 [ -s "$work/ffmpeg.pid" ]
kill -KILL $maker
wait $maker 2>/dev/null
check "who is killed takes it along" within 5 gone "$(cat "$work/ffmpeg.pid")"
equal "nothing is there under the names" "" "$(ls "$work"/{gone,broken,killed}.mp4 2>/dev/null)"

# --- OpenEXR: linear light shown as sRGB
done=$("$sublet" --json render --yes "$work/any.blend" --no-preflight --image "$image" --pay 0.001 --memory 64Mi --format OPEN_EXR --frames 21-23 --out "$work/exr" --video exr.mp4 --report 2>>"$work/render.err")
equal "a video of OpenEXR" "h264,3" "$(probe "$(jq -r .video <<<"$done")" codec_name,nb_read_frames)"
contains "the page says that it cannot show such frames" "Files of OpenEXR: 3. Browsers do not show them" "$(cat "$work/exr/report.html")"
"$sublet" render --yes "$work/any.blend" --no-preflight --image "$image" --pay 0.001 --format OPEN_EXR_MULTILAYER --video >/dev/null 2>"$work/layers.err"
equal "of layers there is none" 2 $?

# --- results that are not the frame's
done=$(timeout 60 bash -c "$(declare -f render); sublet='$sublet' work='$work' image='$image' render --frames 11-14 --out '$work/bad' --report --window 3600")
equal "results that are not as asked end the command with a failure" 1 $?
equal "none is approved" "0 4" "$(jq -r '"\(.job.accepted) \(.job.in_review)"' <<<"$done")"
equal "nothing is paid for them" 0 "$(jq -r .job.paid <<<"$done")"
equal "none is among the results" "" "$(find "$work/bad" -maxdepth 1 -name '*.png')"
equal "each lies apart" 4 "$(find "$work/bad/refused" -mindepth 1 -maxdepth 1 -type d | wc -l)"
why() { jq -r ".refused[] | select(.task == $1) | .why" <<<"$done"; }
contains "two files are told" "it should hold 0011.png alone, it holds 0011.png, more.txt" "$(why 0)"
contains "a text is told" "0012.png is no" "$(why 1)"
contains "another frame is told" "it should hold 0013.png alone, it holds 0001.png" "$(why 2)"
contains "a cut picture is told" "was cut off" "$(why 3)"
contains "the page tells it too" "Task 11 is not what was asked for" "$(cat "$work/bad/report.html")"
job_id=$(jq -r .job.id <<<"$done")
check "the creator may take one all the same" "$sublet" job approve "$job_id" 2
equal "it is paid" 1000 "$("$sublet" --json job status "$job_id" | jq -r .job.paid)"
# --- the same from REST
rest() { curl -fsS --max-time 5 "$SUBLET_NODE/v1/$1"; }
owner=$("$sublet" --json wallet balance tenant | jq -r .address)
equal "REST has every job of the creator" 3 "$(rest "jobs?owner=$owner" | jq '.jobs | length')"
equal "and nobody else's" 0 "$(rest "jobs?owner=$("$sublet" --json wallet balance lender | jq -r .address)" | jq '.jobs | length')"
equal "it has one" "$job_id 1" "$(rest "jobs/$job_id" | jq -r '"\(.id) \(.accepted)"')"
equal "and its tasks" "0 review, 1 review, 2 accepted, 3 review" "$(rest "jobs/$job_id/tasks" | jq -r '[.tasks[] | "\(.index) \(.state)"] | join(", ")')"
equal "from one of them on" "2 3" "$(rest "jobs/$job_id/tasks?from=2" | jq -r '[.tasks[].index] | join(" ")')"
[ $failures = 0 ]
