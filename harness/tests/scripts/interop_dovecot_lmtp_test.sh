#!/usr/bin/env bash
# The whole suite against a real server: nothing fails but what scripts/interop.d expects.
set -euo pipefail
POP3SPEC_INTEROP_STATE=$(mktemp -d)
export POP3SPEC_INTEROP_STATE
trap 'rm -rf "$POP3SPEC_INTEROP_STATE"' EXIT
"$SOURCE_DIR/scripts/interop" dovecot-lmtp run
