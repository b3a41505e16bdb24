"""Links in mails: made for one purpose and one address, good once, and for a while."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from models import AccountLink, User
from models.account_link import LinkPurpose
from utils import clock
from utils.errors import LinkInvalid
from utils.ids import new_id
from utils.links import Links

GOOD_FOR = {
    LinkPurpose.VERIFICATION: timedelta(hours=24),
    LinkPurpose.PASSWORD_RESET: timedelta(minutes=30),
    LinkPurpose.EMAIL_CHANGE: timedelta(hours=2),
    # As long as the worker may need to send it.
    LinkPurpose.EMAIL_CHANGE_NOTICE: timedelta(days=7),
}
# Bound by name: the statement is the same for an unknown address, whose id is NULL and finds nothing.
_LIVING = (
    select(User.id)
    .where(User.id == bindparam("wanted"), User.deleted_at.is_(None))
    .with_for_update(read=True, key_share=True)
)
_DROP = delete(AccountLink).where(
    AccountLink.user_id == bindparam("wanted"), AccountLink.purpose != LinkPurpose.EMAIL_CHANGE_NOTICE
)
_REFUSAL = "This link is not valid any more. Ask for a new one."


def make_link(
    session: Session,
    purpose: LinkPurpose,
    user_id: UUID | None,
    *,
    email: str | None,
) -> UUID:
    """Makes a link and returns its id.

    With no user it leads nowhere: it is written all the same, so that asking for an unknown address takes as long
    as for a known one. A user who is being deleted is waited for, and then is none: nothing personal comes back.
    """
    link_id, moment = new_id(), clock.now()
    user_id = session.scalars(_LIVING, {"wanted": user_id}).one_or_none()
    session.add(
        AccountLink(
            id=link_id,
            user_id=user_id,
            purpose=purpose,
            email=email if user_id is not None else None,
            created_at=moment,
            expires_at=moment + GOOD_FOR[purpose],
        )
    )
    session.flush()  # what the database refuses must be refused here, not at the commit
    return link_id


def follow_link(session: Session, links: Links, purpose: LinkPurpose, *, token: str) -> tuple[AccountLink, User]:
    """Uses a link up, and returns it with the account it is for, which is locked.

    Refuses (LINK_INVALID), in one sentence for all: what we did not sign, for another purpose, used, too old, or of
    an account that is gone.
    """
    link_id = links.read(purpose, token)
    link = session.get(AccountLink, link_id)
    if link is None or link.user_id is None or link.purpose != purpose:
        raise LinkInvalid(_REFUSAL)
    # The account before its links, always: two links of one account used at once must not wait for each other.
    user = session.scalars(select(User).where(User.id == link.user_id).with_for_update()).one()
    moment = clock.now()
    used = session.scalars(
        update(AccountLink)
        .where(AccountLink.id == link_id, AccountLink.used_at.is_(None), AccountLink.expires_at > moment)
        .values(used_at=moment)
        .returning(AccountLink.id)
    ).one_or_none()
    if used is None or user.deleted_at is not None:
        raise LinkInvalid(_REFUSAL)
    return link, user


def require_same_address(link: AccountLink, user: User) -> None:
    """Refuses (LINK_INVALID) a link that was sent to another address than the account's present one."""
    if link.email != user.email:
        raise LinkInvalid(_REFUSAL)


def drop_links(session: Session, user_id: UUID | None) -> None:
    """Ends every link of this account that is still open; a notice on its way to a former address goes on.

    Nobody's links are none, found in the same time.
    """
    session.execute(_DROP, {"wanted": user_id})


def forget_old_links(session: Session) -> int:
    """Deletes links past their time; returns how many."""
    outdated = delete(AccountLink).where(AccountLink.expires_at < clock.now())
    return len(session.scalars(outdated.returning(AccountLink.id)).all())
