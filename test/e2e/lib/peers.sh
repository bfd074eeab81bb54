# shellcheck shell=bash
# peers.sh: sourced by scripts that hold ours against other people's code (build/peers, made by tools/peers.sh):
#   peers_ready            skips the script (needs a function `skip`) where the peers are not installed; else puts node, npm, go on PATH
#   peers_modules FOLDER   lets the modules in FOLDER import what package.json lists
#   contract_descriptors FILE   what protoc makes of proto/, for clients that read descriptors
#   $peers_python          a Python with what requirements.txt lists
peers_home=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)/build/peers
export peers_python=$peers_home/venv/bin/python

peers_ready() {
    [ -e "$peers_home/stamp" ] || skip "the peers are not installed (tools/peers.sh, which needs npm's and PyPI's registries)"
    export PATH=$peers_home/bin:$PATH
}

peers_modules() { ln -sfn "$peers_home/node_modules" "$1/node_modules"; }

contract_descriptors() {
    local proto=$peers_home/../../proto files
    mapfile -t files < <(cd "$proto" && find . -name '*.proto' -printf '%P\n' | sort)
    protoc -I "$proto" --include_imports --descriptor_set_out="$1" "${files[@]}"
}
