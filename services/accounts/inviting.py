"""Inviting people to work here: by a link in a mail, good once and for a week."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models import Address, StaffInvitation, User
from models.audit_entry import AuditAction
from models.user import Right, Role
from services.accounts import audit, letters
from services.accounts.actor import Actor
from services.accounts.checking import checked_email, checked_name, checked_password
from services.accounts.departments import hold_departments
from services.accounts.granting import Post, give_post, is_in_reach, lock_accounts, require_grantable
from services.accounts.letters import INVITATION_PURPOSE, Letter
from services.accounts.linking import drop_links
from services.accounts.people import find_person
from services.accounts.reading import find_user_by_email, lock_unchanged
from services.accounts.registering import open_account
from services.accounts.signing_in import find_matching, note_refused_password
from utils import clock
from utils.cache import Cache
from utils.database import Database
from utils.errors import Conflict, LinkInvalid, NotFound, WrongCredentials
from utils.ids import new_id
from utils.links import Links
from utils.passwords import Passwords

GOOD_FOR = timedelta(days=7)
MOST_INVITATIONS = 100
ACCEPTED = "Welcome. Log in with this address and your password."


def invite_staff(session: Session, email: str, post: Post, *, actor: Actor) -> UUID:
    """Mails an invitation to this post and returns its id; it takes the place of an open one to the same address.

    Refuses what is no address (INVALID_INPUT), giving what one has not (FORBIDDEN, or NOT_FOUND for departments),
    and an address of whom the actor sees that they work here, or whose open invitation is not the actor's to
    withdraw (CONFLICT). Of staff whom the actor does not see, nothing is said: they cannot accept. Refuses an actor
    whose own rights have changed (UNAUTHENTICATED).
    """
    kept = checked_email(email)
    lock_accounts(session, actor=actor)
    require_grantable(actor, post)
    hold_departments(session, post.departments)
    known = find_user_by_email(session, kept)
    if known is not None and known.role != Role.CUSTOMER and find_person(session, known.id, actor=actor) is not None:
        raise Conflict("This person works here already: change what they may do instead.", field="email")
    _replace(session, kept, actor)
    invitation_id = new_id()
    _insert(session, invitation_id, kept, post, actor)
    letters.want(session, Letter.INVITATION, invitation_id)
    audit.note(session, AuditAction.STAFF_INVITED, invitation_id, actor_id=actor.id, after=post.as_json())
    return invitation_id


def withdraw_invitation(session: Session, invitation_id: UUID, *, actor: Actor) -> None:
    """Makes an open invitation worthless.

    Refuses any other id (NOT_FOUND), as if it did not exist, and an actor whose rights have changed (UNAUTHENTICATED).
    """
    lock_accounts(session, actor=actor)
    of_this = select(StaffInvitation).where(StaffInvitation.id == invitation_id, *_open())
    invitation = session.scalars(of_this.with_for_update()).one_or_none()
    if invitation is None or not is_in_reach(actor, _post_of(invitation)):
        raise NotFound("There is no such invitation.", field="invitationId")
    _withdraw(session, invitation, actor)


def list_invitations(session: Session, *, actor: Actor) -> Sequence[StaffInvitation]:
    """The newest open invitations that the actor may withdraw, at most 100."""
    chosen = select(StaffInvitation).where(*_open())
    if not actor.is_admin:
        chosen = chosen.where(
            StaffInvitation.role == Role.STAFF, StaffInvitation.departments.contained_by(sorted(actor.departments))
        )
    return session.scalars(chosen.order_by(StaffInvitation.id.desc()).limit(MOST_INVITATIONS)).all()


def find_invitation(session: Session, invitation_id: UUID) -> StaffInvitation | None:
    """The open invitation with this id, or None; for those who just made it."""
    return session.scalars(select(StaffInvitation).where(StaffInvitation.id == invitation_id, *_open())).one_or_none()


def withdraw_beyond_reach(session: Session, *, inviter: Actor, actor: Actor) -> None:
    """Withdraws what `inviter`, whose own post the actor has just changed, offered and could not offer any more."""
    of_theirs = select(StaffInvitation).where(StaffInvitation.invited_by == inviter.id, *_open())
    for invitation in session.scalars(of_theirs.order_by(StaffInvitation.id).with_for_update()):
        offered = _post_of(invitation)
        if not (is_in_reach(inviter, offered) and (inviter.is_admin or offered.rights <= inviter.rights)):
            _withdraw(session, invitation, actor)


def accept_invitation(
    database: Database, passwords: Passwords, links: Links, *, token: str, name: str, password: str, cache: Cache
) -> None:
    """Gives the invited person the post: with a new account, or with the one they have.

    An account whose address was proven keeps its name, and its password must be given (WRONG_CREDENTIALS); its
    sessions end. One whose address was never proven may be anybody's: it gets this name and this password, and what
    the other left goes, as in verifying. Refuses (LINK_INVALID) a link that is not ours, in time, or unused, and an
    account that has another address by now; a name or a password we do not take (INVALID_INPUT); an account that
    works here already (CONFLICT). The link is then still good.
    """
    invitation_id = links.read(INVITATION_PURPOSE, token)  # before the hash: made-up links must cost nothing
    with database.read() as session:
        of_this = select(StaffInvitation).where(StaffInvitation.id == invitation_id, *_open())
        invitation = session.scalars(of_this).one_or_none()
        if invitation is None or invitation.email is None:
            raise _not_valid()
        email = invitation.email
        user = find_user_by_email(session, email)
    if user is not None and user.email_verified:
        if find_matching(passwords, user, password) is None:
            note_refused_password(database, user.id, actor_id=None)
            raise WrongCredentials("This address has an account, and this is not its password.")
        with database.write() as session:
            _promote(session, invitation, _locked(session, user, email), cache)
        return
    chosen = checked_name(name)
    password_hash = passwords.hash(checked_password(password, email=email))
    with database.write() as session:
        if user is None:
            _open_account(session, invitation, email=email, name=chosen, password_hash=password_hash)
        else:
            taken = _locked(session, user, email)
            taken.name, taken.password_hash, taken.phone = chosen, password_hash, None
            session.execute(delete(Address).where(Address.user_id == taken.id))
            _promote(session, invitation, taken, cache)


def _locked(session: Session, user: User, email: str) -> User:
    """The account, locked. Refuses (LINK_INVALID) one with another address: the post is for who reads that mail."""
    locked = lock_unchanged(session, user)
    if locked.email != email:
        raise _not_valid()
    return locked


def _promote(session: Session, invitation: StaffInvitation, user: User, cache: Cache) -> None:
    _use(session, invitation)
    if user.role != Role.CUSTOMER:
        raise Conflict("This account works here already.", field="token")
    user.email_verified_at = user.email_verified_at or clock.now()
    drop_links(session, user.id)
    give_post(session, user, _post_of(invitation), cache=cache)
    _note_acceptance(session, invitation, user.id)


def _open_account(session: Session, invitation: StaffInvitation, *, email: str, name: str, password_hash: str) -> None:
    post = _post_of(invitation)
    _use(session, invitation)
    user_id = open_account(
        session,
        name=name,
        email=email,
        password_hash=password_hash,
        role=post.role,
        departments=tuple(sorted(post.departments)),
        rights=tuple(sorted(post.rights)),
    )
    _note_acceptance(session, invitation, user_id)


def _note_acceptance(session: Session, invitation: StaffInvitation, user_id: UUID) -> None:
    after = {"invitation": str(invitation.id), **_post_of(invitation).as_json()}
    audit.note(session, AuditAction.INVITATION_ACCEPTED, user_id, actor_id=user_id, after=after)


def _use(session: Session, invitation: StaffInvitation) -> None:
    """The address goes with it: the account may have another one by the time its owner has it erased."""
    used = update(StaffInvitation).where(StaffInvitation.id == invitation.id, *_open())
    values = used.values(accepted_at=clock.now(), email=None)
    if session.scalars(values.returning(StaffInvitation.id)).one_or_none() is None:
        raise _not_valid()


def _replace(session: Session, email: str, actor: Actor) -> None:
    """Withdraws what would stand in the way: an invitation past its time, too, holds its address's place."""
    unanswered = StaffInvitation.accepted_at.is_(None), StaffInvitation.withdrawn_at.is_(None)
    chosen = select(StaffInvitation).where(StaffInvitation.email == email, *unanswered).with_for_update()
    former = session.scalars(chosen).one_or_none()
    if former is None:
        return
    if former.expires_at > clock.now() and not is_in_reach(actor, _post_of(former)):
        raise _invited_by_others()
    _withdraw(session, former, actor)


def _insert(session: Session, invitation_id: UUID, email: str, post: Post, actor: Actor) -> None:
    moment = clock.now()
    made = insert(StaffInvitation).values(
        id=invitation_id,
        email=email,
        role=post.role,
        departments=sorted(post.departments),
        rights=sorted(each.value for each in post.rights),
        invited_by=actor.id,
        created_at=moment,
        expires_at=moment + GOOD_FOR,
    )
    if session.scalars(made.on_conflict_do_nothing().returning(StaffInvitation.id)).one_or_none() is None:
        raise _invited_by_others()


def _withdraw(session: Session, invitation: StaffInvitation, actor: Actor) -> None:
    invitation.withdrawn_at, invitation.email = clock.now(), None
    audit.note(session, AuditAction.INVITATION_WITHDRAWN, invitation.id, actor_id=actor.id)


def _open() -> tuple[ColumnElement[bool], ...]:
    return (
        StaffInvitation.accepted_at.is_(None),
        StaffInvitation.withdrawn_at.is_(None),
        StaffInvitation.expires_at > clock.now(),
    )


def _post_of(invitation: StaffInvitation) -> Post:
    rights = frozenset(Right(each) for each in invitation.rights)
    return Post(Role(invitation.role), frozenset(invitation.departments), rights)


def _invited_by_others() -> Conflict:
    return Conflict("Somebody else has invited this address.", field="email")


def _not_valid() -> LinkInvalid:
    return LinkInvalid("This invitation is not valid any more. Ask for a new one.")
