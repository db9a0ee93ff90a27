#!/usr/bin/env bash
# The canary must crash, and say why: canary_test.sh REPLAY_CANARY CORPUS [sanitized]
set -uo pipefail
program=$1 corpus=$2

must_crash() {
    local said
    if said=$("$program" "$corpus/$1" 2>&1); then
        printf 'the canary took %s and lived\n' "$1"
        exit 1
    fi
    if ! grep -q "$2" <<<"$said"; then
        printf '%s ended the canary without saying "%s":\n%s\n' "$1" "$2" "$said"
        exit 1
    fi
}

must_crash oracle 'oracle canary failed'
[ "${3:-}" != sanitized ] || must_crash one-octet-behind heap-buffer-overflow
