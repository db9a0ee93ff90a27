#!/usr/bin/env bash
# A real mail server delivers, and POP3 empties the mailboxes: RFC 1939's scenarios fail by nothing but what
# scripts/interop.d expects. The rest of the suite runs against this server in interop_dovecot_test.sh.
set -euo pipefail
POP3SPEC_INTEROP_STATE=$(mktemp -d)
export POP3SPEC_INTEROP_STATE
trap 'rm -rf "$POP3SPEC_INTEROP_STATE"' EXIT
"$SOURCE_DIR/scripts/interop" dovecot-lmtp run -- rfc1939
