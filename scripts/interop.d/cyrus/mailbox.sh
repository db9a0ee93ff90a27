#!/usr/bin/env bash
# Asks the mailbox.py that listens on PORT to empty or fill the mailbox of $POP3SPEC_USER:
# mailbox.sh PORT reset|deliver < MESSAGE
#
# Few processes are started here, for this runs ten thousand times in a run of the suite.
set -euo pipefail
port=$1 action=$2

exec 3<>"/dev/tcp/127.0.0.1/$port"
if [ "$action" = deliver ]; then
    end=end-$RANDOM-$RANDOM-$RANDOM-$RANDOM
    printf 'deliver %s %s\n' "$POP3SPEC_USER" "$end" >&3
    cat >&3
    printf '\n%s\n' "$end" >&3
else
    printf 'reset %s\n' "$POP3SPEC_USER" >&3
fi
read -r status text <&3
[ -z "$text" ] || printf '%s\n' "$text" >&2
exit "$status"
