#!/usr/bin/env bash
# scripts/deps, with stand-ins for dpkg, apt and root: it installs only what is missing, says what to type where it may
# not, and lets no service start meanwhile.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/bin"
export POP3SPEC_POLICY_RC_D=$folder/policy-rc.d FAKE=$folder
unset POP3SPEC_SKIP_DEPS

# stand_in NAME COMMANDS: a program for the PATH that deps sees.
stand_in() {
    printf '#!/bin/sh\n%s\n' "$2" >"$folder/bin/$1"
    chmod +x "$folder/bin/$1"
}

fail() {
    printf 'FAIL %s\n' "$*"
    cat "$folder/output"
    exit 1
}

deps() {
    : >"$folder/apt-calls"
    status=0
    PATH=$folder/bin:$PATH "$SOURCE_DIR/scripts/deps" "$@" >"$folder/output" 2>&1 || status=$?
}

# The package named in $FAKE/missing is not installed; apt-get writes down how it was called and the guard it saw.
# shellcheck disable=SC2016
stand_in dpkg-query 'for last; do :; done; [ "$last" = "$(cat "$FAKE/missing")" ] || printf installed'
stand_in apt-cache true
# shellcheck disable=SC2016
stand_in apt-get 'echo "$*" >>"$FAKE/apt-calls"
case $* in *install*) cp "$POP3SPEC_POLICY_RC_D" "$FAKE/guard-seen"; exit "$(cat "$FAKE/apt-status")" ;; esac'
stand_in sudo 'exit 1'
stand_in id 'echo 0'
echo 0 >"$folder/apt-status"

echo none >"$folder/missing"
deps run test
[ "$status" -eq 0 ] || fail "nothing is missing"
[ ! -s "$folder/apt-calls" ] || fail "apt-get is not needed when nothing is missing"

echo cmake >"$folder/missing"
deps
[ "$status" -eq 0 ] || fail "one package is missing"
grep -q -- 'install -y --no-install-recommends cmake$' "$folder/apt-calls" || fail "only what is missing is installed"
grep -q 'exit 101' "$folder/guard-seen" || fail "services are kept from starting"
[ ! -e "$POP3SPEC_POLICY_RC_D" ] || fail "the guard is taken away"

echo "of the machine" >"$POP3SPEC_POLICY_RC_D"
echo 100 >"$folder/apt-status"
deps
[ "$status" -ne 0 ] || fail "apt-get fails"
[ "$(grep -c install "$folder/apt-calls")" -eq 2 ] || fail "it is tried again behind apt-get update"
grep -q 'exit 101' "$folder/guard-seen" || fail "services are kept from starting"
grep -qx 'of the machine' "$POP3SPEC_POLICY_RC_D" || fail "the machine's own guard is back after a failure"

# A run that was killed leaves its guard and the saved file behind.
mv "$POP3SPEC_POLICY_RC_D" "$POP3SPEC_POLICY_RC_D.before-pop3spec"
cp "$folder/guard-seen" "$POP3SPEC_POLICY_RC_D"
echo 0 >"$folder/apt-status"
deps
[ "$status" -eq 0 ] || fail "after a killed run"
grep -qx 'of the machine' "$POP3SPEC_POLICY_RC_D" || fail "the machine's own guard is back after a killed run"

stand_in apt-cache 'exit 1'
deps
grep -q 'update$' "$folder/apt-calls" || fail "unknown packages are asked for"

stand_in id 'echo 1000'
deps
[ "$status" -eq 2 ] || fail "without root the exit code is 2"
grep -q 'apt-get install -y --no-install-recommends cmake$' "$folder/output" || fail "the line to type is printed"
[ ! -s "$folder/apt-calls" ] || fail "without root nothing is called"

deps nonsense
[ "$status" -eq 2 ] || fail "an unknown set"
grep -q "unknown set of packages 'nonsense'" "$folder/output" || fail "the unknown set is named"
