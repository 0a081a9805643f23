"""number only groups of several."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "UPDATE product SET group_number = NULL WHERE group_number IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM product AS other WHERE other.catalogue_id = product.catalogue_id"
        " AND other.group_number = product.group_number AND other.id <> product.id)"
    )


def downgrade() -> None:
    """Leave it: a product without a number is alone there too, until the next round numbers it."""
