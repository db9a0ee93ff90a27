"""Cyrus IMAP 3.6: its own mail store and accounts (sasldb), STLS and implicit TLS; filled by IMAP, which keeps messages exact.

Its packages conflict with other servers, so they are unpacked into a folder of their own, and its libraries found there.
"""

import os
import pathlib
import pwd
import shutil
import subprocess
import sys

VARIANTS = {"cyrus": {}}
FOLDERS = ("conf", "conf/db", "conf/log", "conf/msg", "conf/ptclient", "conf/quota", "conf/user", "conf/sync",
           "conf/lock", "conf/socket", "spool", "sieve", "run", "run/proc", "run/lock", "run/socket")


def unpacked(lab):
    return lab.root / "build/packages/cyrus"


def programs(lab):
    return unpacked(lab) / "usr/lib/cyrus/bin"


def environment(lab):
    (libraries,) = unpacked(lab).glob("usr/lib/*/libcyrus.so.0")
    return {**os.environ, "LD_LIBRARY_PATH": str(libraries.parent)}


def version(lab):
    command = [programs(lab) / "cyr_info", "-C", "/dev/null", "version"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment(lab))
    return f"Cyrus IMAP {done.stdout.strip().removeprefix('cyrus-imapd ')}"


def require(lab):
    lab.require_program("saslpasswd2")
    if not (programs(lab) / "pop3d").exists():
        lab.fail("Cyrus is not unpacked: scripts/deps interop")
    done = subprocess.run(["ldd", programs(lab) / "pop3d"], capture_output=True, text=True, check=False,
                          env=environment(lab))
    if "not found" in done.stdout:
        lab.fail(f"libraries that Cyrus needs are missing: scripts/deps interop\n{done.stdout}")


def give_to_mail(path):
    shutil.chown(path, "mail", "mail")


def write_passwords(lab):
    path = lab.work / "sasldb2"
    for user, secret in lab.accounts:
        subprocess.run(["saslpasswd2", "-p", "-c", "-f", str(path), "-u", "localhost", user], input=secret, text=True,
                       check=True, capture_output=True)
    give_to_mail(path)


def start_helper(lab, port, imap_port):
    secrets = lab.work / "secrets"
    secrets.write_text("".join(f"{user} {secret}\n" for user, secret in lab.accounts))
    helper = lab.spawn([sys.executable, "-I", str(lab.server_folder / "mailbox.py"), str(port), str(imap_port),
                        str(secrets)], name="helper")
    lab.wait_until_ready(helper, port, greeting=b"")


def start(lab):
    pwd.getpwnam("mail")
    for name in FOLDERS:
        (lab.work / name).mkdir(mode=0o755)
        give_to_mail(lab.work / name)
    lab.make_certificate()
    give_to_mail(lab.work / "key.pem")
    write_passwords(lab)
    port, tls_port, imap_port, helper_port = lab.free_ports(4)
    lab.fill_template("imapd.conf.in", lab.work / "imapd.conf")
    lab.fill_template("cyrus.conf.in", lab.work / "cyrus.conf", BIN=programs(lab), PORT=port, TLS_PORT=tls_port,
                      IMAP_PORT=imap_port)
    process = lab.spawn([str(programs(lab) / "master"), "-C", str(lab.work / "imapd.conf"), "-M",
                         str(lab.work / "cyrus.conf"), "-p", str(lab.work / "master.pid"), "-D"], environment(lab))
    lab.wait_until_ready(process, port)
    # A copy, so that a run goes on whatever becomes of the source tree meanwhile.
    command = f"exec {shutil.copy(lab.server_folder / 'mailbox.sh', lab.work)} {helper_port}"
    start_helper(lab, helper_port, imap_port)
    return {
        "port": port,
        "tls": f"{{starttls: true, implicit-port: {tls_port}, name: localhost, ca: {lab.work}/cert.pem}}",
        "apop": True,
        "provision": f"{{command: {{reset: '{command} reset', deliver: '{command} deliver'}}}}",
        "health": f"{{pid-file: {lab.work}/server.pid}}",
    }
