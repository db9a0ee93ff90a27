"""Dovecot 2.3: passwd-file accounts, Maildir, STLS and implicit TLS, all below one temporary folder.

Variants: `dovecot` as Debian sets it up, which admits a second session to a maildrop; `dovecot-lock`, where
pop3_lock_session gives each session the maildrop for itself and LAST is on; and `dovecot-lmtp`, the first with its
mailboxes filled over LMTP and emptied by POP3.
"""

import grp
import os
import pwd
import shutil
import subprocess

VARIANTS = {
    "dovecot": {"LOCK_SESSION": "no", "ENABLE_LAST": "no"},
    "dovecot-lock": {"LOCK_SESSION": "yes", "ENABLE_LAST": "yes"},
    "dovecot-lmtp": {"LOCK_SESSION": "no", "ENABLE_LAST": "no"},
}


def version(_lab):
    done = subprocess.run(["dovecot", "--version"], capture_output=True, text=True, check=True)
    return f"Dovecot {done.stdout.split()[0]}"


def require(lab):
    lab.require_program("dovecot")


def write_passwords(lab):
    path = lab.work / "passwords"
    path.write_text("".join(f"{user}:{{PLAIN}}{secret}\n" for user, secret in lab.accounts))
    shutil.chown(path, "root", "dovecot")
    path.chmod(0o640)


def make_maildirs(lab, mail_user, mail_group):
    """One Maildir for each account, owned by the user that Dovecot drops to."""
    for user, _ in lab.accounts:
        for name in ("", "Maildir", "Maildir/new", "Maildir/cur", "Maildir/tmp"):
            folder = lab.work / "mail" / user / name
            folder.mkdir(parents=True, mode=0o755)
            os.chown(folder, mail_user.pw_uid, mail_group.gr_gid)


def start(lab):
    mail_user, mail_group = pwd.getpwnam("mail"), grp.getgrnam("mail")
    for name in ("run", "state"):
        (lab.work / name).mkdir()
    lab.make_certificate()
    write_passwords(lab)
    make_maildirs(lab, mail_user, mail_group)
    port, tls_port, lmtp_port = lab.free_ports(3)
    config = lab.fill_template(
        "dovecot.conf.in",
        lab.work / "dovecot.conf",
        MAIL_UID=mail_user.pw_uid,
        MAIL_GID=mail_group.gr_gid,
        PORT=port,
        TLS_PORT=tls_port,
        LMTP_PORT=lmtp_port,
        NAME=f"pop3spec-{lab.name}-{port}",
        **VARIANTS[lab.name],
    )
    process = lab.spawn(["dovecot", "-F", "-c", str(config)])
    lab.wait_until_ready(process, port)
    provision = f"{{maildir: '{lab.work}/mail/{{user}}/Maildir', line-ends: crlf}}"
    if lab.name == "dovecot-lmtp":
        provision = f"{{lmtp: '127.0.0.1:{lmtp_port}'}}"
    return {
        "port": port,
        "tls": f"{{starttls: true, implicit-port: {tls_port}, name: localhost, ca: {lab.work}/cert.pem}}",
        "apop": True,
        "provision": provision,
        "health": f"{{pid-file: {lab.work}/run/master.pid, log: {lab.work}/dovecot.log, "
        f'log-pattern: "Panic:|Fatal:|killed with signal"}}',
    }
