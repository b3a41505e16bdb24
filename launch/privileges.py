"""Who PostgreSQL runs as: it refuses to be root, so root has to be somebody else for it."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from launch.errors import LaunchError

UNSHARE = ("--user", "--map-user=1000", "--map-group=1000")
UNPRIVILEGED_USER = "nobody"


@dataclass(frozen=True)
class Identity:
    """How to start a program as somebody: a command before it, or a user to change to (0: stay who we are)."""

    prefix: tuple[str, ...] = ()
    uid: int = 0
    gid: int = 0

    def own(self, path: Path) -> None:
        """Give a path to this identity, and let it pass through the folder above."""
        if self.uid:
            os.chown(path, self.uid, self.gid)
            path.parent.chmod(0o711)


def identity_for(program: Path, folder: Path) -> Identity:
    """Who may run `program` over a folder inside `folder`; LaunchError when root finds nobody who could.

    An ordinary user: itself. Root: root in a user namespace where it is called 1000 (the files stay root's), or else
    an unprivileged user, who must be able to reach both paths.
    """
    if os.geteuid() != 0:
        return Identity()
    unshare = shutil.which("unshare")
    if unshare and subprocess.run([unshare, *UNSHARE, "true"], capture_output=True).returncode == 0:
        return Identity(prefix=(unshare, *UNSHARE))
    nobody = pwd.getpwnam(UNPRIVILEGED_USER)
    closed = _closed_folder(program, nobody.pw_uid) or _closed_folder(folder.parent, nobody.pw_uid)
    if closed is None:
        return Identity(uid=nobody.pw_uid, gid=nobody.pw_gid)
    raise LaunchError(
        "PostgreSQL refuses to run as root; this machine does not let root become another user by `unshare`, and the "
        f"user {UNPRIVILEGED_USER!r} cannot enter {closed}. Run this as an ordinary user, or move the project to a "
        "folder that everybody may enter, or set DATABASE_URL to a PostgreSQL of your own."
    )


def _closed_folder(path: Path, uid: int) -> Path | None:
    """The first folder above `path` that this user may not enter, if any."""
    for folder in reversed(path.absolute().parents):
        status = folder.stat()
        if status.st_uid != uid and not status.st_mode & 0o001:
            return folder
    return None
