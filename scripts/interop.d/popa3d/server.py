"""popa3d 1.0: the smallest of servers (no CAPA, APOP, STLS), over mbox files, with passwords checked by PAM.

It knows the system's accounts and /var/mail only, so it runs in a private mount namespace where copies of the account
files, with the test accounts added, lie over the real ones. Stopping it leaves no trace on the machine.
"""

import pathlib

import accounts

VARIANTS = {"popa3d": {}}


def unpacked_program(lab):
    return lab.root / "build/packages/popa3d/usr/sbin/popa3d"


def version(lab):
    """Of the package, since the program does not tell."""
    (package,) = (unpacked_program(lab).parents[2] / "archive").glob("popa3d_*.deb")
    return f"popa3d {package.name.split('_')[1]}"


def require(lab):
    lab.require_program("tcpserver")
    if not unpacked_program(lab).exists():
        lab.fail("popa3d is not unpacked: scripts/deps servers")
    accounts.require_namespace(lab)


def start(lab):
    accounts.make_mailboxes(lab, accounts.write_accounts(lab, ["popa3d"]))
    accounts.write_pam_service(lab, "popa3d")
    (lab.work / "lib/popa3d").mkdir(parents=True)
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
