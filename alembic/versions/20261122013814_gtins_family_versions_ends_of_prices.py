"""GTINs, family versions, ends of prices.

Revision: b81c66c95541, after: c910289208e2, made: 2026-11-22 01:38:14.204811+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "b81c66c95541"
down_revision = "c910289208e2"
branch_labels = None
depends_on = None

# 036000291452 and 0036000291452 are one GTIN. Which of two products keeps it is for people to say.
DOUBLED = """
SELECT string_agg(one.id || ' (' || one.barcode || ') and ' || other.id || ' (' || other.barcode || ')', ', '
    ORDER BY one.created_at, one.id, other.id)
FROM products AS one JOIN products AS other
    ON lpad(other.barcode, 14, '0') = lpad(one.barcode, 14, '0') AND other.barcode > one.barcode
"""


def upgrade() -> None:
    doubled = op.get_bind().scalar(sa.text(DOUBLED))
    if doubled is not None:
        raise SystemExit(
            "Nothing was migrated: these products have one barcode, written in two lengths. Change it or take it away "
            f"from one of each two, with the release that ran until now: {doubled}"
        )
    op.drop_index("uq_products_barcode", table_name="products")
    op.create_index("uq_products_barcode", "products", [sa.literal_column("lpad(barcode, 14, '0')")], unique=True)
    op.add_column("families", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    # Which of the prices that are known already were scheduled together, nobody wrote down.
    op.add_column("scheduled_prices", sa.Column("ends_id", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_scheduled_prices_ends_id"), "scheduled_prices", ["ends_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_scheduled_prices_ends_id"),
        "scheduled_prices",
        "scheduled_prices",
        ["ends_id"],
        ["id"],
        ondelete="CASCADE",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("fk_scheduled_prices_ends_id"), "scheduled_prices", type_="foreignkey")
    op.drop_index(op.f("ix_scheduled_prices_ends_id"), table_name="scheduled_prices")
    op.drop_column("scheduled_prices", "ends_id")
    op.drop_column("families", "version")
    op.drop_index("uq_products_barcode", table_name="products")
    op.create_index("uq_products_barcode", "products", ["barcode"], unique=True)
