#!/usr/bin/env bash
# Completion in bash, driven as bash drives it: subcommands, options, what they take, ids a component at a time, files.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
touch mine.yaml other.json
mkdir some-folder
# shellcheck source=harness/cli/completion.bash
. "$SOURCE_DIR/harness/cli/completion.bash"

status=0

# complete_line WORD... sets COMPREPLY to what TAB offers behind them; the last is the one that is being typed.
complete_line() {
    COMP_WORDS=(pop3spec "$@")
    COMP_CWORD=$#
    COMPREPLY=()
    _pop3spec "$POP3SPEC" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}" 2>/dev/null || true
}

# offers WANTED WORD... : WANTED is among what is offered.
offers() {
    local wanted=$1
    shift
    complete_line "$@"
    if ! printf '%s\n' "${COMPREPLY[@]}" | grep -qxF -- "$wanted"; then
        printf 'FAIL behind "%s" there is no %s in: %s\n' "$*" "$wanted" "${COMPREPLY[*]:0:20}"
        status=1
    fi
}

# offers_only WANTED WORD... : and nothing else is offered.
offers_only() {
    offers "$@"
    if [ ${#COMPREPLY[@]} -ne 1 ]; then
        printf 'FAIL behind "%s" more is offered than %s: %s\n' "${*:2}" "$1" "${COMPREPLY[*]:0:20}"
        status=1
    fi
}

offers_only probe prob
offers run ''
offers --version --v
offers_only --fail-fast run --fail-f
offers --fault serve --
offers_only strict run --profile st
offers_only strict run --profile = st
offers implicit run --tls ''
offers pipelined run --transport p
offers dotted serve --fixture dotted
offers no-top serve --variant no-to
offers_only some-folder run --scenarios some
offers other.json run --json o
offers_only mine.yaml lint m
offers mine.yaml run m
offers_only other.json report ''
offers clauses list c
offers rfc1939/ run rfc19
offers rfc1939/dele/ run rfc1939/de
offers rfc1939/dele/hides-message/ run rfc1939/dele/hides-m
offers rfc1939/noop-rset/noop-again run rfc1939/noop-rset/noop-a
offers rfc1939-5-dele-reference explain rfc1939-5-dele-ref
offers dele-twice prove dele-tw

# Every subcommand's options are those of its help.
for subcommand in $("$POP3SPEC" --describe-options | cut -f 2); do
    complete_line "$subcommand" --
    difference=$(diff <(printf '%s\n' "${COMPREPLY[@]}" | sort -u) \
        <("$POP3SPEC" "$subcommand" --help | grep -oE -- '(^|, ) *--[a-z-]+' | grep -oE -- '--[a-z-]+' |
            grep -vx -- --usage | sort -u)) || { printf 'FAIL the options of %s:\n%s\n' "$subcommand" "$difference"; status=1; }
done
exit "$status"
