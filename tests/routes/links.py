"""The tokens that stand in mails, as their readers have them."""

from sqlalchemy import select

from models import AccountLink
from models.account_link import LinkPurpose
from wiring import Shop


def link_token(shop: Shop, purpose: LinkPurpose) -> str:
    """The token of the newest link of this kind that leads to an account."""
    with shop.database.read() as session:
        newest = (
            select(AccountLink.id)
            .where(AccountLink.purpose == purpose, AccountLink.user_id.is_not(None))
            .order_by(AccountLink.id.desc())
            .limit(1)
        )
        return shop.links.sign(purpose, session.scalars(newest).one())
