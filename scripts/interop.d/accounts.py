"""Test accounts for servers that know the system's accounts only, without touching the machine's.

Copies of the account files with ours added lie below WORK/etc, and the server runs in a private mount namespace where
its enter.sh lays them over the real ones. Stopping the server leaves no trace.
"""

import pwd
import shutil
import subprocess

# Debian's useradd never gives these numbers out; those that are taken are passed over.
FIRST_UID = 61100

# Passwords are checked against the copied shadow file, and a wrong one costs no time.
PAM_SERVICE = "auth required pam_unix.so nodelay\naccount required pam_unix.so\n"


def require_namespace(lab):
    lab.require_program("unshare")
    probe = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False, text=True)
    if probe.returncode != 0:
        lab.fail(f"no mount namespace of our own ({probe.stderr.strip()}): "
                 "in a container this needs CAP_SYS_ADMIN (docker run --privileged)")


def crypt_password(secret):
    """By the method that is checked fastest: the suite logs in thousands of times, and the secret is none."""
    command = ["openssl", "passwd", "-1", "-stdin"]
    return subprocess.run(command, input=secret, capture_output=True, check=True, text=True).stdout.strip()


def free_uids():
    taken = {entry.pw_uid for entry in pwd.getpwall()}
    return (uid for uid in range(FIRST_UID, 65000) if uid not in taken)


def write_accounts(lab, of_the_server):
    """Copies of the account files with the test accounts and the server's own, which have no password; {user: uid}."""
    folder = lab.work / "etc"
    folder.mkdir()
    ours = [(name, "*") for name in of_the_server]
    ours += [(user, crypt_password(secret)) for user, secret in lab.accounts]
    names = {name for name, _ in ours}
    uids = dict(zip(names, free_uids()))
    for name in ("passwd", "shadow", "group"):
        shutil.copy2(f"/etc/{name}", folder / name)
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


def write_pam_service(lab, name):
    folder = lab.work / "etc/pam.d"
    shutil.copytree("/etc/pam.d", folder)
    (folder / name).write_text(PAM_SERVICE)


def make_mailboxes(lab, uids):
    """WORK/mail/USER for each test account: an empty mbox that belongs to it."""
    mail = lab.work / "mail"
    mail.mkdir()
    mail.chmod(0o1777)
    for user, _ in lab.accounts:
        path = mail / user
        path.touch(mode=0o600)
        shutil.chown(path, uids[user], uids[user])
