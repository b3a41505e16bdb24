"""News of products for others than shoppers: what staff changed of one, and that very many were changed."""

from uuid import UUID

from sqlalchemy.orm import Session

from services import events

PRODUCT_CHANGED = "product.changed"
PRODUCTS_IMPORTED = "products.imported"


def record_product_changed(session: Session, product_id: UUID) -> None:
    """Tells, with this transaction's commit, that a product was made, changed, withdrawn or removed.

    For what staff decide (a price that is to begin later too), and not for stock, which nobody outside is told.
    """
    events.record(session, PRODUCT_CHANGED, {"product": str(product_id)})


def record_products_imported(session: Session) -> None:
    """Tells the same of very many products at once; whoever cares looks for what differs."""
    events.record(session, PRODUCTS_IMPORTED, {})
