#!/bin/sh
# Runs popa3d under tcpserver inside a mount namespace of its own, in which our files lie over the paths that are
# compiled into it: enter.sh WORK PORT PROGRAM. The machine itself gets no account, no PAM service and no mail.
set -eu
work=$1 port=$2 program=$3

mount --bind "$work/mail" /var/mail
mount --bind "$work/lib" /var/lib
mount --bind "$work/etc/pam.d" /etc/pam.d
for name in passwd shadow group; do
    mount --bind "$work/etc/$name" "/etc/$name"
done
exec tcpserver -H -R -l 0 -b 128 -c 100 127.0.0.1 "$port" "$program"
