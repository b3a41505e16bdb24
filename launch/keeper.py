"""Ends the children of a process that was killed outright and could not end them itself.

Run by path, as `python -I -S keeper.py SECONDS`. It reads `+PID SIGNAL` and `-PID` lines; when its input ends although
children are still listed, their parent is dead: they get their signals, and whatever is left of their process groups
after SECONDS is killed. On Linux the children are also told by the kernel (child.py); this process covers THEIR
children (a pool, a scheduler), and macOS, whose kernel has no such service.
"""

import os
import signal
import sys
import time


def main() -> None:
    """Listen until the parent is gone, then end what it left."""
    for unwanted in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(unwanted, signal.SIG_IGN)
    children: dict[int, int] = {}
    for line in sys.stdin:
        words = line.split()
        if words[0].startswith("+"):
            children[int(words[0][1:])] = int(words[1])
        else:
            children.pop(int(words[0][1:]), None)
    for pid, number in children.items():
        _send(pid, number)
        _send(pid, signal.SIGCONT)
    deadline = time.monotonic() + float(sys.argv[1])
    while children and time.monotonic() < deadline:
        children = {pid: number for pid, number in children.items() if _group_lives(pid)}
        time.sleep(0.05)
    for pid in children:
        _send(-pid, signal.SIGKILL)


def _send(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _group_lives(leader: int) -> bool:
    try:
        os.killpg(leader, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # macOS says so of a group of zombies
        return False
    return True


if __name__ == "__main__":
    main()
