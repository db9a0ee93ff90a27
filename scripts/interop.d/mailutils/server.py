"""GNU Mailutils pop3d 3.15: system accounts by PAM, APOP from a database of its own, mbox files, STLS and implicit TLS.

It takes its accounts from the system, so it runs in a private mount namespace with copies of the account files.
"""

import pathlib
import subprocess

import accounts

VARIANTS = {"mailutils": {}}


def program():
    """pop3d's full path: a program of that name may be elsewhere too."""
    return "/usr/sbin/pop3d"


def version(_lab):
    done = subprocess.run([program(), "--version"], capture_output=True, check=True, text=True)
    return done.stdout.splitlines()[0].replace("pop3d (GNU Mailutils)", "GNU Mailutils").strip()


def require(lab):
    if not pathlib.Path(program()).exists():
        lab.fail("GNU Mailutils' pop3d is missing: scripts/deps interop")
    lab.require_program("popauth")
    accounts.require_namespace(lab)


def write_apop_secrets(lab):
    database = f"gdbm://{lab.work}/apop.db"
    for user, secret in lab.accounts:
        subprocess.run(["popauth", "--add", "-f", database, "-u", user, "-p", secret], check=True, capture_output=True)
    (lab.work / "apop.db").chmod(0o600)


def start(lab):
    accounts.make_mailboxes(lab, accounts.write_accounts(lab, []))
    accounts.write_pam_service(lab, "pop3spec-mailutils")
    (lab.work / "locks").mkdir(mode=0o1777)
    (lab.work / "locks").chmod(0o1777)
    lab.make_certificate()
    (lab.work / "key.pem").chmod(0o600)
    write_apop_secrets(lab)
    port, tls_port = lab.free_ports(2)
    lab.fill_template("pop3d.conf.in", lab.work / "pop3d.conf", PORT=port, TLS_PORT=tls_port)
    enter = pathlib.Path(__file__).with_name("enter.sh")
    process = lab.spawn(["unshare", "--mount", "--propagation", "private", "sh", str(enter), str(lab.work), program()])
    lab.wait_until_ready(process, port)
    return {
        "port": port,
        "tls": f"{{starttls: true, implicit-port: {tls_port}, name: localhost, ca: {lab.work}/cert.pem}}",
        "apop": True,
        "provision": f"{{mbox: '{lab.work}/mail/{{user}}', lock: both}}",
        "health": f"{{pid-file: {lab.work}/server.pid}}",
    }
