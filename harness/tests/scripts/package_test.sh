#!/usr/bin/env bash
# What is handed out: the .deb holds a program that runs from where it is unpacked, with manuals and completion, and names the
# libraries it needs; the source tarball is the same octets whenever it is made, and knows its commit.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail() {
    printf 'FAIL %s\n' "$*"
    exit 1
}

# ---- the package ----

(cd "$BINARY_DIR" && cpack -G DEB -B "$folder/packages" -D CPACK_STRIP_FILES=OFF) >"$folder/output" 2>&1 ||
    fail "cpack: $(tail -n 5 "$folder/output")"
deb=$(echo "$folder"/packages/pop3spec_*.deb)
[ -s "$deb" ] || fail "no package was made"
for library in libyaml-0 libssl3 libgsasl libjansson libxml2 libpcre2; do
    dpkg-deb --field "$deb" Depends | grep -q "$library" || fail "the package does not depend on $library"
done
dpkg-deb --contents "$deb" | awk '{print $6}' >"$folder/contents"
! grep -vE '^\./(usr/((bin|share)/.*)?)?$' "$folder/contents" || fail "files stand elsewhere than in /usr"
for file in bin/pop3spec share/man/man1/pop3spec.1 share/man/man5/pop3spec-scenario.5 share/man/man5/pop3spec-target.5 share/man/man5/pop3spec-reports.5 share/doc/pop3spec/copyright \
    share/bash-completion/completions/pop3spec share/pop3spec/results.schema.json; do
    grep -qx "./usr/$file" "$folder/contents" || fail "$file is not in the package"
done
dpkg-deb --extract "$deb" "$folder/root"
program=$folder/root/usr/bin/pop3spec
cd /
"$program" lint >/dev/null || fail "the packaged scenarios are not as they should be"
"$program" run rfc1939/noop-rset >"$folder/output" || fail "the packaged program does not run: $(tail -n 5 "$folder/output")"
grep -q '^Exit 0' "$folder/output" || fail "no summary"

# Where /proc is not mounted, as in a bare chroot, too. A sanitizer looks for its options there, and for leaks by it.
if unshare -rm true 2>/dev/null; then
    # shellcheck disable=SC2016
    unshare -rm sh -c 'mount -t tmpfs none /proc && mkdir /proc/self &&
        printf "ASAN_OPTIONS=detect_leaks=0\0" >/proc/self/environ && exec "$0" lint' "$program" >/dev/null ||
        fail "without /proc the program does not find its scenarios"
fi

# ---- DESTDIR ----

DESTDIR=$folder/stage cmake --install "$BINARY_DIR" --prefix /opt/pop3spec >/dev/null
[ -x "$folder/stage/opt/pop3spec/bin/pop3spec" ] || fail "DESTDIR is not heeded"

# ---- the source tarball ----

[ -e "$SOURCE_DIR/.git" ] || exit 0
first=$("$SOURCE_DIR/scripts/tarball")
second=$("$SOURCE_DIR/scripts/tarball")
[ "$first" = "$second" ] || fail "two tarballs of one commit differ: $first, $second"
tarball=$SOURCE_DIR/build/${first##* }
tar -xzf "$tarball" -C "$folder"
tree=$(echo "$folder"/pop3spec-*/)
[ "$(cat "$tree/.commit")" = "$(git -C "$SOURCE_DIR" rev-parse --short=12 HEAD)" ] || fail "the tarball does not know its commit"
{ [ -x "$tree/scripts/run" ] && [ -s "$tree/LICENSE" ]; } || fail "the tarball is not the tree"
[ ! -e "$tree/build" ] || fail "the tarball holds what was built"
! "$SOURCE_DIR/scripts/tarball" no-such-commit 2>/dev/null || fail "a commit that is not there is taken"
