# shellcheck shell=bash
# comet.sh: sourced by scripts that run nodes on CometBFT. With E2E_ENGINE=cometbft, start_node and start_alone use it for one node.
#   comet_program [VERSION]   the path of CometBFT (0.38, 0.40), or fails where ./run setup did not put it
#   comet_net FOLDER N GENESIS [OPTION…]  makes the files of a network of N nodes on addresses of this test's own; sets $comet_first
#   address_of I              the loopback address of node I
comet_folder=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)/build/cometbft/bin

# shellcheck disable=SC2120  # the version may be left out
comet_program() {
    local program=${COMETBFT_FOLDER:-$comet_folder}/cometbft-${1:-${COMETBFT_VERSION:-0.38}}
    [ -x "$program" ] && echo "$program"
}
comet_net() {
    local folder=$1 count=$2 genesis=$3
    shift 3
    # All of 127.0.0.0/8 is this machine: another test has other addresses.
    comet_first=127.$((1 + $$ / 250 % 250)).$((1 + $$ % 250)).2
    # shellcheck disable=SC2154  # of whoever sources this
    "$sublet" --json net init --folder "$folder" --validators "$count" --genesis "$genesis" --first-address "$comet_first" "$@"
}
address_of() { echo "${comet_first%.*}.$((${comet_first##*.} + $1))"; }
# One node on CometBFT, as start_node and start_alone run it: its arguments, a line each.
comet_node_arguments() { # FOLDER GENESIS
    [ -d "$1/node0" ] || comet_net "$1" 1 "$2" --check-invariants >"$1.json" || return 1
    printf '%s\n' --config "$1/node0/node.toml" --cometbft "$(comet_program)"
}
