"""popa3d 1.0: the smallest of servers (no CAPA, APOP, STLS), over mbox files, with passwords checked by PAM.

It knows the system's accounts and /var/mail only, so it runs in a private mount namespace where copies of the account
files, with the test accounts added, lie over the real ones. Stopping it leaves no trace on the machine.
"""

import pathlib
import pwd
import shutil
import subprocess

VARIANTS = {"popa3d": {}}

# Debian's useradd never gives these numbers out; those that are taken are passed over.
FIRST_UID = 61100


def unpacked_program(lab):
    return lab.root / "build/packages/popa3d/usr/sbin/popa3d"


def require(lab):
    lab.require_program("tcpserver")
    lab.require_program("unshare")
    if not unpacked_program(lab).exists():
        lab.fail("popa3d is not unpacked: scripts/deps interop")
    probe = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False, text=True)
    if probe.returncode != 0:
        lab.fail(f"no mount namespace of our own ({probe.stderr.strip()}): "
                 "in a container this needs CAP_SYS_ADMIN (docker run --privileged)")


def crypt_password(secret):
    command = ["openssl", "passwd", "-6", "-stdin"]
    return subprocess.run(command, input=secret, capture_output=True, check=True, text=True).stdout.strip()


def free_uids():
    taken = {entry.pw_uid for entry in pwd.getpwall()}
    return (uid for uid in range(FIRST_UID, 65000) if uid not in taken)


def write_accounts(lab):
    """Copies of the account files with the test accounts and popa3d's own; returns {user: uid}."""
    folder = lab.work / "etc"
    folder.mkdir()
    for name in ("passwd", "shadow", "group"):
        shutil.copy2(f"/etc/{name}", folder / name)
    ours = [("popa3d", "*")] + [(user, crypt_password(secret)) for user, secret in lab.accounts]
    names = {name for name, _ in ours}
    uids = dict(zip(names, free_uids()))
    for name in ("passwd", "shadow", "group"):
        lines = (folder / name).read_text().splitlines()
        kept = [line for line in lines if line.split(":")[0] not in names]
        for user, password in ours:
            uid = uids[user]
            kept.append({
                "passwd": f"{user}:x:{uid}:{uid}::/nonexistent:/usr/sbin/nologin",
                "shadow": f"{user}:{password}:19000:0:99999:7:::",
                "group": f"{user}:x:{uid}:",
            }[name])
        (folder / name).write_text("\n".join(kept) + "\n")
    return uids


def make_mailboxes(lab, uids):
    mail = lab.work / "mail"
    mail.mkdir()
    mail.chmod(0o1777)
    for user, _ in lab.accounts:
        path = mail / user
        path.touch(mode=0o600)
        shutil.chown(path, uids[user], uids[user])


def start(lab):
    make_mailboxes(lab, write_accounts(lab))
    (lab.work / "lib/popa3d").mkdir(parents=True)
    pam = lab.work / "etc/pam.d"
    shutil.copytree("/etc/pam.d", pam)
    shutil.copy2(unpacked_program(lab).parents[2] / "etc/pam.d/popa3d", pam / "popa3d")
    (port,) = lab.free_ports(1)
    enter = pathlib.Path(__file__).with_name("enter.sh")
    process = lab.spawn(["unshare", "--mount", "--propagation", "private", "sh", str(enter), str(lab.work), str(port),
                         str(unpacked_program(lab))])
    lab.wait_until_ready(process, port)
    return {
        "port": port,
        "tls": "{starttls: false}",
        "apop": False,
        "provision": f"{{mbox: '{lab.work}/mail/{{user}}', lock: both}}",
        "health": f"{{pid-file: {lab.work}/server.pid}}",
    }
