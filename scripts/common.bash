# Sourced by the other scripts; says where the tree is and how they speak. Not a program of its own.
# shellcheck shell=bash disable=SC2034

pop3spec_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly pop3spec_root

note() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
}

# Ends the script: 2 is trouble with the host or the arguments, as in the program itself.
die() {
    note "$@"
    exit 2
}

processor_count() {
    getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1
}

# help_if_asked "$@": the comment at the head of a script is its manual.
help_if_asked() {
    case ${1:-} in
    -h | --help)
        awk 'NR > 1 && !/^#/ { exit } NR > 1 { sub(/^# ?/, ""); print }' "$0"
        exit 0
        ;;
    esac
}
