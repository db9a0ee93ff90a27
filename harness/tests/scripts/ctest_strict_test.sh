#!/usr/bin/env bash
# scripts/ctest-strict passes when every test ran and passed, and fails for failed, skipped and missing ones.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export CTEST_PARALLEL_LEVEL=1

# Runs ctest-strict over one test that exits with CODE, of which 77 means skipped.
strict() {
    printf 'add_test(subject sh -c "exit %s")\nset_tests_properties(subject PROPERTIES SKIP_RETURN_CODE 77)\n' "$1" \
        >"$folder/CTestTestfile.cmake"
    "$SOURCE_DIR/scripts/ctest-strict" "$folder" >"$folder/output" 2>&1
}

fail() {
    printf 'FAIL %s\n' "$*"
    cat "$folder/output"
    exit 1
}

strict 0 || fail "a test that passes"
tail -n 1 "$folder/output" | grep -q '^Total Test time' || fail "ctest's own closing lines come last"
! strict 1 || fail "a test that fails"
! strict 77 || fail "a test that is skipped"
: >"$folder/CTestTestfile.cmake"
! "$SOURCE_DIR/scripts/ctest-strict" "$folder" >"$folder/output" 2>&1 || fail "no tests at all"
