# bash completion for pop3spec. Subcommands and options are asked of the program itself, so they are those that it has;
# what they take, where it is neither a file nor free text, is listed here.
# shellcheck shell=bash

# The first column of a list: ids of scenarios, clauses, faults and so on.
_pop3spec_list() {
    "$1" list "$2" 2>/dev/null | awk '{print $1}'
}

# What OPTION of SUBCOMMAND takes; nothing where it takes nothing.
_pop3spec_takes() {
    "$1" "$2" --describe-options 2>/dev/null |
        awk -F '\t' -v option="$3" '$1 == "option" && (option == "--" $2 || ($3 != "" && option == "-" $3)) { print $4 }'
}

_pop3spec_words() {
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

# The values of OPTION; TAKES is what the program says it takes.
_pop3spec_value() {
    local program=$1 option=$2 takes=$3 current=$4
    case $option in
    --tls) _pop3spec_words "none starttls implicit" "$current" ;;
    --transport) _pop3spec_words "lines octets crlf pipelined stls implicit all" "$current" ;;
    --fail-on) _pop3spec_words "must should security any" "$current" ;;
    --profile) _pop3spec_words "rfc1939 modern strict" "$current" ;;
    --over) _pop3spec_words "memory tcp" "$current" ;;
    --tag | --skip-tag) _pop3spec_words "slow bad-login tls example literal exhaustive" "$current" ;;
    --fault) _pop3spec_words "$(_pop3spec_list "$program" faults)" "$current" ;;
    --variant) _pop3spec_words "$(_pop3spec_list "$program" variants)" "$current" ;;
    --fixture) _pop3spec_words "$(_pop3spec_list "$program" fixtures)" "$current" ;;
    *)
        case $takes in
        DIR) mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
        FILE | PATH) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
        esac
        ;;
    esac
}

# Ids a path component at a time: rfc1939/ before rfc1939/dele/.
_pop3spec_ids() {
    local ids prefix=${2%"${2##*/}"}
    ids=$(_pop3spec_list "$1" scenarios | awk -v prefix="$prefix" '
        index($0, prefix) == 1 {
            rest = substr($0, length(prefix) + 1)
            slash = index(rest, "/")
            print prefix (slash ? substr(rest, 1, slash) : rest)
        }' | sort -u)
    _pop3spec_words "$ids" "$2"
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == */ ]] && compopt -o nospace
    mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -X '!*.yaml' -- "$2")
}

_pop3spec_argument() {
    local program=$1 subcommand=$2 current=$3
    case $subcommand in
    run) _pop3spec_ids "$program" "$current" ;;
    list) _pop3spec_words "scenarios clauses faults variants fixtures rules" "$current" ;;
    prove) _pop3spec_words "$(_pop3spec_list "$program" faults; _pop3spec_list "$program" variants)" "$current" ;;
    explain)
        _pop3spec_words "$(for list in clauses rules faults variants fixtures scenarios; do
            _pop3spec_list "$program" "$list"
        done)" "$current"
        ;;
    lint) mapfile -t COMPREPLY < <(compgen -f -X '!*.yaml' -- "$current") ;;
    report) mapfile -t COMPREPLY < <(compgen -f -X '!*.json' -- "$current") ;;
    probe) mapfile -t COMPREPLY < <(compgen -A hostname -- "$current") ;;
    *) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    esac
}

_pop3spec() {
    local program=$1 current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local subcommand=${COMP_WORDS[1]} takes
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        _pop3spec_words "$("$program" --describe-options 2>/dev/null | cut -f 2) --help --version" "$current"
        return
    fi
    # --option=value comes as three words, for bash breaks them at "=".
    if [ "$current" = = ]; then
        current=''
    elif [ "$previous" = = ]; then
        previous=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    if [[ $previous == -* ]]; then
        takes=$(_pop3spec_takes "$program" "$subcommand" "$previous")
        if [ -n "$takes" ]; then
            _pop3spec_value "$program" "$previous" "$takes" "$current"
            return
        fi
    fi
    if [[ $current == -* ]]; then
        _pop3spec_words "$("$program" "$subcommand" --describe-options 2>/dev/null |
            awk -F '\t' '$1 == "option" { print "--" $2 }') --help" "$current"
    else
        _pop3spec_argument "$program" "$subcommand" "$current"
    fi
}

complete -F _pop3spec pop3spec
