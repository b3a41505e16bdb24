"""When periodic work was done last.

Revision: 7c41e0a95d38, after: 5d0b7f2c91ae, made: 2026-11-22 08:05:00.318264+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "7c41e0a95d38"
down_revision = "5d0b7f2c91ae"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "periodic_runs",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_periodic_runs")),
    )


def downgrade() -> None:
    op.drop_table("periodic_runs")
