#!/bin/sh
# Runs GNU Mailutils' pop3d inside a mount namespace of its own, in which our account files lie over the machine's:
# enter.sh WORK PROGRAM. The machine itself gets no account and no PAM service.
set -eu
work=$1 program=$2

mount --bind "$work/etc/pam.d" /etc/pam.d
for name in passwd shadow group; do
    mount --bind "$work/etc/$name" "/etc/$name"
done
exec "$program" --config-file="$work/pop3d.conf" --foreground
