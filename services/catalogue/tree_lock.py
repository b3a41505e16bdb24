"""The lock of the tree of categories: held alone by who changes it, shared by who needs it as it is."""

from sqlalchemy.orm import Session

from utils.database import run

_LOCK = 6_218_450_018
_SHARED = "shares_the_tree"
_HOLD = "SELECT pg_advisory_xact_lock(%(lock)s)"
_SHARE = "SELECT pg_advisory_xact_lock_shared(%(lock)s)"


def hold_tree(session: Session) -> None:
    """Waits until nobody else changes or shares the tree, and keeps it until this transaction ends.

    Call it before anything is read: two moves that looked at the same tree could make a ring of it together.
    """
    run(session, _HOLD, {"lock": _LOCK})


def share_tree(session: Session) -> None:
    """Keeps categories where they stand, under their names and departments, until this transaction ends.

    For whoever tells which lists a product is in: a category that moved after that was read would bring the product
    into lists that nobody was told of. Call it before reading; a second call costs nothing.
    """
    if not session.info.get(_SHARED):
        run(session, _SHARE, {"lock": _LOCK})
        session.info[_SHARED] = True
