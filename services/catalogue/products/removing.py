"""Taking products out of the shop."""

from uuid import UUID

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from models import OrderItem, Product
from models.audit_entry import AuditAction
from models.product import ProductStatus
from services.accounts import audit
from services.accounts.actor import Actor
from services.catalogue.changes import announce
from services.catalogue.products.changing import lock_product, note_change
from services.catalogue.products.product_news import record_product_changed
from services.catalogue.products.product_records import audited
from services.catalogue.tags import FAMILIES
from services.catalogue.tree_lock import share_tree
from utils import clock
from utils.cache import Cache


def delete_product(session: Session, product_id: UUID, *, actor: Actor, cache: Cache) -> None:
    """Removes a product that was never ordered; one that was is withdrawn, since orders show it.

    Refuses an unknown product (NOT_FOUND) and staff of another department (FORBIDDEN).
    """
    share_tree(session)
    product = lock_product(session, product_id, actor=actor)
    category_id, before = product.category_id, audited(product)
    left: list[str] = []
    if session.scalars(select(exists().where(OrderItem.product_id == product_id))).one():
        product.status = ProductStatus.WITHDRAWN
        product.updated_at = clock.now()
        product.version += 1
        note_change(session, product, before=before, actor=actor)
    else:
        left = [] if product.family_id is None else [FAMILIES]
        session.execute(delete(Product).where(Product.id == product_id))
        audit.note(session, AuditAction.PRODUCT_REMOVED, product_id, actor_id=actor.id, before=before)
    announce(session, cache, products=[product_id], categories=[category_id], also=left)
    record_product_changed(session, product_id)
