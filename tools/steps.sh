# shellcheck shell=bash
# shellcheck disable=SC2120  # step_done takes an optional text
# steps.sh: sourced by the scripts of this repository. Steps with elapsed time, hints for a failing one, cleanup at exit.
#   step "text"          starts a step (and ends the one before)
#   step_done ["text"]   ends it and says how long it took
#   hint "text"          what a person can do if this or a later step fails
#   fail_step "text"     ends the script with that message
#   logged FILE CMD…     runs with the output in FILE; shows the end of it when the command fails
#   at_exit "command"    runs at the end, last registered first, whatever happened

steps_begun_us=${EPOCHREALTIME//[!0-9]/}
step_text='' step_begun_us=0 step_hint='' step_failed=''
steps_cleanup=()

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    steps_bold=$'\e[1m' steps_red=$'\e[31m' steps_dim=$'\e[2m' steps_plain=$'\e[0m'
else
    steps_bold='' steps_red='' steps_dim='' steps_plain=''
fi

# Seconds with one decimal since the microsecond stamp $1.
elapsed_since() {
    local now_us=${EPOCHREALTIME//[!0-9]/} tenths
    tenths=$(((now_us - $1) / 100000))
    printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}

step() {
    [ -z "$step_text" ] || step_done
    step_text=$1 step_begun_us=${EPOCHREALTIME//[!0-9]/}
    printf '%s%7s s%s  %s%s%s\n' "$steps_dim" "$(elapsed_since "$steps_begun_us")" "$steps_plain" "$steps_bold" "$1" "$steps_plain"
}

step_done() {
    [ -n "$step_text" ] || return 0
    printf '%s           %s (%s s)%s\n' "$steps_dim" "${1:-done}" "$(elapsed_since "$step_begun_us")" "$steps_plain"
    step_text=''
}

hint() { step_hint=$1; }

fail_step() {
    step_failed=$1
    exit 1
}

logged() {
    local log=$1
    shift
    if ! "$@" >>"$log" 2>&1 </dev/null; then
        printf '           the end of %s:\n' "$log" >&2
        tail -n 25 "$log" | sed 's/^/           | /' >&2
        return 1
    fi
}

at_exit() { steps_cleanup+=("$1"); }

steps_finish() {
    local status=$? index
    trap - EXIT
    if [ $status != 0 ] && { [ -n "$step_text" ] || [ -n "$step_failed" ]; }; then
        printf '%s           failed%s: %s%s\n' "$steps_red" "${step_text:+ at \"$step_text\"}" \
            "${step_failed:-the command ended with status $status}" "$steps_plain" >&2
        [ -z "$step_hint" ] || printf '           what to do: %s\n' "$step_hint" >&2
    fi
    set +e
    for ((index = ${#steps_cleanup[@]} - 1; index >= 0; index--)); do
        eval "${steps_cleanup[index]}"
    done
    exit $status
}
trap steps_finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
