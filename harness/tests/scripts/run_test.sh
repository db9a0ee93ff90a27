#!/usr/bin/env bash
# scripts/run, the first thing that anybody types: it builds the program, the suite passes against the built-in server,
# and the report lies where it says. With arguments it hands them on.
set -euo pipefail
output=$(mktemp)
trap 'rm -f "$output"' EXIT
unset POP3SPEC_SCENARIOS

fail() {
    printf 'FAIL %s\n' "$*"
    cat "$output"
    exit 1
}

report=$SOURCE_DIR/reports/out/index.html
rm -f "$report"
"$SOURCE_DIR/scripts/run" >"$output" 2>&1 || fail "the suite against the built-in server"
grep -qF "The report: $report" "$output" || fail "it says where the report is"
grep -qi '<html' "$report" || fail "the report is a page"
grep -q 'rfc1939/dele/' "$report" || fail "the report holds the cases"

"$SOURCE_DIR/scripts/run" --list rfc1939/dele >"$output" 2>&1 || fail "arguments are handed on"
grep -q 'rfc1939/dele/' "$output" || fail "the selection is listed"
! grep -q 'rfc1939/retr/' "$output" || fail "nothing but the selection is listed"

status=0
"$SOURCE_DIR/scripts/run" rfc1939/no-such-thing >"$output" 2>&1 || status=$?
[ "$status" -eq 2 ] || fail "the program's exit code is handed on (it was $status)"
