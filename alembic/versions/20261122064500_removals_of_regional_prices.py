"""Removals of regional prices.

Revision: 5d0b7f2c91ae, after: 1862765d91e2, made: 2026-11-22 06:45:00.412907+00:00
"""

from alembic import op

revision = "5d0b7f2c91ae"
down_revision = "1862765d91e2"
branch_labels = None
depends_on = None

REASONS = "'initial', 'changed', 'scheduled', 'imported'"
_APPEND_ONLY = """
CREATE OR REPLACE FUNCTION refuse_change_of_price_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM products WHERE id = OLD.product_id) THEN
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.actor_id IS NULL
        AND (NEW.id, NEW.product_id, {price}NEW.currency, NEW.effective_from, NEW.reason, NEW.created_at)
            = (OLD.id, OLD.product_id, {old_price}OLD.currency, OLD.effective_from, OLD.reason, OLD.created_at)
        AND NEW.region_code IS NOT DISTINCT FROM OLD.region_code{more}
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'price_changes is append-only' USING ERRCODE = 'restrict_violation';
END
$$
"""
APPEND_ONLY_BEFORE = _APPEND_ONLY.format(price="NEW.price, ", old_price="OLD.price, ", more="")
# An account that goes leaves its rows, those without a price too: nothing equals NULL.
APPEND_ONLY_NOW = _APPEND_ONLY.format(
    price="", old_price="", more="\n        AND NEW.price IS NOT DISTINCT FROM OLD.price"
)


def upgrade() -> None:
    op.alter_column("price_changes", "price", nullable=True)
    op.drop_constraint(op.f("ck_price_changes_reason_known"), "price_changes", type_="check")
    op.create_check_constraint(
        op.f("ck_price_changes_reason_known"), "price_changes", f"reason IN ({REASONS}, 'removed')"
    )
    op.create_check_constraint(
        op.f("ck_price_changes_price_unless_removed"), "price_changes", "price IS NOT NULL OR reason = 'removed'"
    )
    op.create_check_constraint(
        op.f("ck_price_changes_removed_in_a_region"), "price_changes", "region_code IS NOT NULL OR reason <> 'removed'"
    )
    op.execute(APPEND_ONLY_NOW)


def downgrade() -> None:
    # What the release before wrote of a removal: what the product cost there from then on, and nothing if it was not
    # sold there any more.
    op.execute("ALTER TABLE price_changes DISABLE TRIGGER USER")
    op.execute("DELETE FROM price_changes WHERE price IS NULL")
    op.execute("UPDATE price_changes SET reason = 'changed' WHERE reason = 'removed'")
    op.execute("ALTER TABLE price_changes ENABLE TRIGGER USER")
    op.execute(APPEND_ONLY_BEFORE)
    op.drop_constraint(op.f("ck_price_changes_removed_in_a_region"), "price_changes", type_="check")
    op.drop_constraint(op.f("ck_price_changes_price_unless_removed"), "price_changes", type_="check")
    op.drop_constraint(op.f("ck_price_changes_reason_known"), "price_changes", type_="check")
    op.create_check_constraint(op.f("ck_price_changes_reason_known"), "price_changes", f"reason IN ({REASONS})")
    op.alter_column("price_changes", "price", nullable=False)
