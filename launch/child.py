"""Becomes another program that ends when the process that asked for it does.

Run by path, as `python -I -S child.py PARENT SIGNAL UID GID PROGRAM [ARGUMENT...]` (0 as UID: stay who you are). It
exists because the same three lines in a `preexec_fn` are unsafe once the parent has threads, and because a change of
user makes Linux forget the request, so the request has to be the last act before the program itself.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Take the user asked for, tie this process to its parent, and become the program."""
    parent, death_signal, uid, gid = (int(word) for word in sys.argv[1:5])
    # Loaded first: the other user may not be allowed to read the library this interpreter came with.
    libc = ctypes.CDLL(None)
    if uid:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        libc.prctl(PR_SET_PDEATHSIG, death_signal)
        if os.getppid() != parent:  # it died before we could ask to be told
            sys.exit(1)
    # A job in the background of a shell inherits an ignored SIGINT, and would hand it on to the program.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    os.execvp(sys.argv[5], sys.argv[5:])  # noqa: S606  # becoming another program is the point


if __name__ == "__main__":
    main()
