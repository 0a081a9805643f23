"""make room for trusted rounds."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "retraining_slot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("catalogue_id", sa.Integer(), nullable=False),
        sa.Column("trigger", sa.String(), nullable=False),
        sa.Column("slot", sa.String(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("left_out", sa.String(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["catalogue_id"], ["catalogue.id"], name=op.f("fk_retraining_slot_catalogue_id")
        ),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_retraining_slot_job_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retraining_slot")),
        sa.UniqueConstraint(
            "catalogue_id",
            "trigger",
            "slot",
            name=op.f("uq_retraining_slot_catalogue_id_trigger_slot"),
        ),
    )
    op.create_table(
        "acceptance_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("catalogue_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("target", sa.Double(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("threshold", sa.Double(), nullable=True),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["catalogue_id"], ["catalogue.id"], name=op.f("fk_acceptance_rule_catalogue_id")
        ),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name=op.f("fk_acceptance_rule_category_id")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_acceptance_rule_round_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acceptance_rule")),
    )
    with op.batch_alter_table("acceptance_rule", schema=None) as batch_op:
        batch_op.create_index(
            "ix_acceptance_rule_catalogue_id_round_id", ["catalogue_id", "round_id"], unique=False
        )

    op.create_table(
        "suspect",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("is_label", sa.Boolean(), nullable=False),
        sa.Column("recorded_category_id", sa.Integer(), nullable=False),
        sa.Column("proposed_category_id", sa.Integer(), nullable=False),
        sa.Column("recorded_probability", sa.Double(), nullable=False),
        sa.Column("proposed_probability", sa.Double(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_suspect_product_id")),
        sa.ForeignKeyConstraint(
            ["proposed_category_id"], ["category.id"], name=op.f("fk_suspect_proposed_category_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_category_id"], ["category.id"], name=op.f("fk_suspect_recorded_category_id")
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_suspect_round_id")),
        sa.PrimaryKeyConstraint("round_id", "product_id", name=op.f("pk_suspect")),
    )
    with op.batch_alter_table("suspect", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_suspect_product_id"), ["product_id"], unique=False)
        batch_op.create_index("ix_suspect_round_id_rank", ["round_id", "rank"], unique=False)

    op.create_table(
        "acceptance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("is_audited", sa.Boolean(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name=op.f("fk_acceptance_category_id")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_acceptance_product_id")
        ),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["acceptance_rule.id"], name=op.f("fk_acceptance_rule_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acceptance")),
    )
    with op.batch_alter_table("acceptance", schema=None) as batch_op:
        batch_op.create_index("ix_acceptance_product_id", ["product_id", "id"], unique=False)
        batch_op.create_index("ix_acceptance_rule_id", ["rule_id", "id"], unique=False)
        batch_op.create_index(
            "uq_acceptance_standing",
            ["product_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    with op.batch_alter_table("catalogue", schema=None) as batch_op:
        batch_op.add_column(sa.Column("settings", sa.JSON(), server_default="{}", nullable=False))

    with op.batch_alter_table("product", schema=None) as batch_op:
        batch_op.create_index(
            "ix_product_catalogue_id_group", ["catalogue_id", "group_number"], unique=False
        )

    with op.batch_alter_table("round", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("trigger", sa.String(), server_default="button", nullable=False)
        )
        batch_op.add_column(sa.Column("gate", sa.JSON(), server_default="{}", nullable=False))
        batch_op.add_column(sa.Column("estimates", sa.JSON(), server_default="{}", nullable=False))
        batch_op.add_column(sa.Column("baselines", sa.JSON(), server_default="{}", nullable=False))
    # Not in the batch: for a default that is an expression it would make the table anew on SQLite,
    # and predictions refer to its rows.
    op.add_column(
        "round", sa.Column("is_held", sa.Boolean(), server_default=sa.false(), nullable=False)
    )

    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index(
            "ix_job_catalogue_id_kind", ["catalogue_id", "kind", "id"], unique=False
        )


def downgrade() -> None:

    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index("ix_job_catalogue_id_kind")

    # No batch: it would make tables anew on SQLite to whose rows others refer.
    for name in ("is_held", "baselines", "estimates", "gate", "trigger"):
        op.drop_column("round", name)

    with op.batch_alter_table("product", schema=None) as batch_op:
        batch_op.drop_index("ix_product_catalogue_id_group")

    op.drop_column("catalogue", "settings")

    with op.batch_alter_table("acceptance", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_acceptance_standing",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index("ix_acceptance_rule_id")
        batch_op.drop_index("ix_acceptance_product_id")

    op.drop_table("acceptance")
    with op.batch_alter_table("suspect", schema=None) as batch_op:
        batch_op.drop_index("ix_suspect_round_id_rank")
        batch_op.drop_index(batch_op.f("ix_suspect_product_id"))

    op.drop_table("suspect")
    with op.batch_alter_table("acceptance_rule", schema=None) as batch_op:
        batch_op.drop_index("ix_acceptance_rule_catalogue_id_round_id")

    op.drop_table("acceptance_rule")
    op.drop_table("retraining_slot")
