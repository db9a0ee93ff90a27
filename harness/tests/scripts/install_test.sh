#!/usr/bin/env bash
# An installed program finds its scenarios beside itself, wherever the prefix is moved to, and needs nothing of the tree.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cmake --install "$BINARY_DIR" --prefix "$folder/first" >/dev/null
mv "$folder/first" "$folder/moved"
program=$folder/moved/bin/pop3spec
share=$folder/moved/share/pop3spec

fail() {
    echo "install_test: $*" >&2
    exit 1
}

[ -s "$share/results.schema.json" ] || fail "the schema of the results is not installed"
[ -s "$share/proof.schema.json" ] || fail "the schema of the proof is not installed"
for page in man1/pop3spec.1 man5/pop3spec-scenario.5; do
    [ -s "$folder/moved/share/man/$page" ] || fail "$page is not installed"
done
bash -n "$folder/moved/share/bash-completion/completions/pop3spec" || fail "the completion is not installed"
cd /
"$program" lint >/dev/null || fail "the installed scenarios are not as they should be"

# The installed copy is the one that is read: a scenario that is taken away there is gone.
count=$("$program" list scenarios | wc -l)
rm -r "$share/scenarios/rfc1939"
left=$("$program" list scenarios | wc -l)
[ "$left" -lt "$count" ] || fail "the scenarios beside the program are not read"
"$program" list scenarios | grep -q '^rfc1939/' && fail "scenarios were read from elsewhere"

"$program" run rfc2449 >"$folder/output" || fail "the installed program cannot run: $(tail -n 5 "$folder/output")"
grep -q '^Exit 0' "$folder/output" || fail "no summary"
