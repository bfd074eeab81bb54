#!/bin/sh
# standin.sh: what the image sublet/standin:1 runs as `blender`: answers a session (docs/spec/worker.md) with files that lie in it, a second
# each, so that a test of what happens to results needs no Blender. Frame N is /frames/N as it is; without one the task fails.
turn=1
while true; do
    if [ ! -f "/task/todo/$turn" ]; then
        sleep 0.05
        continue
    fi
    read -r index frame </task/todo/$turn
    mkdir -p "/task/out/$index"
    sleep 1
    code=0
    cp -r "/frames/$frame/." "/task/out/$index/" || code=1
    echo "frame $frame" >"/task/out/$index.log"
    echo $code >"/task/out/$index.new"
    mv "/task/out/$index.new" "/task/out/$index.done"
    turn=$((turn + 1))
done
