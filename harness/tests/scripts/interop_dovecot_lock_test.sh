#!/usr/bin/env bash
# A real server that locks its maildrops: nothing fails but what scripts/interop.d expects. Most of the time goes into
# its patience with a second login, 10 s each. The exhaustive part runs on the server without the lock.
set -euo pipefail
POP3SPEC_INTEROP_STATE=$(mktemp -d)
export POP3SPEC_INTEROP_STATE
trap 'rm -rf "$POP3SPEC_INTEROP_STATE"' EXIT
"$SOURCE_DIR/scripts/interop" dovecot-lock run -- --skip-tag exhaustive
