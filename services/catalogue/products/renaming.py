"""Renaming brands: the name is on every product that bears it, and in what a search reads of it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import Brand, Product
from models.audit_entry import AuditAction
from services.accounts import audit
from services.accounts.actor import Actor
from services.catalogue.changes import announce, announce_everything
from services.catalogue.products.product_values import checked_brand
from services.catalogue.tags import list_tag
from services.catalogue.tree_lock import share_tree
from utils.cache import Cache
from utils.errors import Conflict, NotFound

_NAME_IS_UNIQUE = "uq_brands_name"
_MOST_TOLD = 1_000
# So many products are described by one statement, which has its time.
_AT_ONCE = 500


def rename_brand(session: Session, brand_id: UUID, name: str, *, actor: Actor, cache: Cache) -> None:
    """Gives a brand another name; its slug stays. What it is called already it may be called again: nothing is done.

    Refuses a bad name (INVALID_INPUT), an unknown brand (NOT_FOUND), and a name that another brand has, in whatever
    case (CONFLICT): products of one would be those of the other.
    """
    kept = checked_brand(name, "name")
    share_tree(session)
    # Products before their brand, as whoever changes one locks them. Those that came until the brand is locked are
    # known afterwards; none comes then: find_or_make_brand waits.
    _lock_products(session, brand_id)
    chosen = select(Brand).where(Brand.id == brand_id).with_for_update()
    brand = session.scalars(chosen.execution_options(populate_existing=True)).one_or_none()
    if brand is None:
        raise NotFound("There is no such brand.", field="brandId")
    if brand.name == kept:
        return
    products = _lock_products(session, brand_id)
    before, brand.name = brand.name, kept
    with _refusing_what_is_taken():
        session.flush()
    _describe_anew(session, brand_id, list(products))
    audit.note(
        session,
        AuditAction.BRAND_CHANGED,
        brand_id,
        actor_id=actor.id,
        before={"name": before},
        after={"name": kept},
    )
    if len(products) > _MOST_TOLD:
        announce_everything(session, cache)
    else:
        # A brand without products stands in no list; but who saw none of this name depends on the list of everything.
        announce(session, cache, products=list(products), categories=set(products.values()), also=[list_tag()])


def _lock_products(session: Session, brand_id: UUID) -> dict[UUID, UUID]:
    """The products of the brand, on sale or not, locked in the order of their ids; and the category of each."""
    chosen = select(Product.id, Product.category_id).where(Product.brand_id == brand_id).order_by(Product.id)
    return {row.id: row.category_id for row in session.execute(chosen.with_for_update(key_share=True))}


def _describe_anew(session: Session, brand_id: UUID, products: Sequence[UUID]) -> None:
    """Lets the products' trigger write again what a search reads of them: it does so when their brand changes."""
    for begin in range(0, len(products), _AT_ONCE):
        changed = update(Product).where(Product.id.in_(products[begin : begin + _AT_ONCE]))
        for each in (None, brand_id):
            session.execute(changed.values(brand_id=each), execution_options={"synchronize_session": False})


@contextmanager
def _refusing_what_is_taken() -> Iterator[None]:
    try:
        yield
    except IntegrityError as fault:
        if getattr(getattr(fault.orig, "diag", None), "constraint_name", None) != _NAME_IS_UNIQUE:
            raise
        raise Conflict("Another brand has this name.", field="name") from fault
