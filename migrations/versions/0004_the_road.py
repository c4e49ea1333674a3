"""The road: adopted arms, decisions, profile writes, late entries, messages to accounts, successions.

Rows from before keep working as they did: each new column has the value that means "as until now".
"""

import sqlalchemy as sa
from alembic import op

from schema.base import RowId
from schema.triggers import create_triggers

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "device_succession",
        sa.Column("old_device", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=("pk_device_succession")),
    )
    op.create_table(
        "incarnation",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("device", sa.BigInteger(), nullable=False),
        sa.Column("succeeds", sa.BigInteger(), nullable=False),
        sa.Column("heads", sa.LargeBinary(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=("pk_incarnation")),
    )
    op.create_table(
        "late_entry",
        sa.Column("journal_entry_id", RowId(), autoincrement=False, nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("booked_on", sa.String(length=10), nullable=False),
        sa.Column("posted_on", sa.String(length=10), nullable=False),
        sa.Column("period_name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("journal_entry_id", name=("pk_late_entry")),
    )
    op.create_table(
        "profile_restatement",
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("row_id", RowId(), nullable=False),
        sa.Column("column_group", sa.Text(), nullable=False),
        sa.Column("device", sa.BigInteger(), nullable=False),
        sa.Column("chain", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("key_time", sa.BigInteger(), nullable=False),
        sa.Column("new", sa.LargeBinary(), nullable=False),
        sa.Column("bases", sa.LargeBinary(), nullable=True),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=("pk_profile_restatement")),
    )
    op.create_table(
        "profile_write",
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("row_id", RowId(), nullable=False),
        sa.Column("column_group", sa.Text(), nullable=False),
        sa.Column("device", sa.BigInteger(), nullable=False),
        sa.Column("chain", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("key_time", sa.BigInteger(), nullable=False),
        sa.Column("new", sa.LargeBinary(), nullable=False),
        sa.Column("bases", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint(
            "table_name",
            "row_id",
            "column_group",
            "device",
            "chain",
            "seq",
            "hash",
            name=("pk_profile_write"),
        ),
    )
    op.create_table(
        "program_update",
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("statement", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=("pk_program_update")),
    )
    op.create_table(
        "unique_key",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("row_id", RowId(), nullable=False),
        sa.Column("device", sa.BigInteger(), nullable=False),
        sa.Column("chain", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "value", "row_id", name=("pk_unique_key")),
    )
    op.create_table(
        "account_message",
        sa.Column("office_id", RowId(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("account_number", sa.Text(), nullable=False),
        sa.Column("row_id", RowId(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("on", sa.String(length=10), nullable=False),
        sa.Column("from_office_id", RowId(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("repeats_id", RowId(), nullable=True),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["from_office_id"],
            ["office.id"],
            name=("fk_account_message_from_office_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["office_id"],
            ["office.id"],
            name=("fk_account_message_office_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_account_message")),
    )
    op.create_table(
        "message_answer",
        sa.Column("message_id", RowId(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("on", sa.String(length=10), nullable=False),
        sa.Column("journal_entry_id", RowId(), nullable=True),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["journal_entry_id"],
            ["journal_entry.id"],
            name=("fk_message_answer_journal_entry_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["account_message.id"],
            name=("fk_message_answer_message_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_message_answer")),
    )
    op.create_table(
        "payment_elsewhere",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("other_office_id", RowId(), nullable=False),
        sa.Column("account_number", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("on", sa.String(length=10), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("journal_entry_id", RowId(), nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["journal_entry_id"],
            ["journal_entry.id"],
            name=("fk_payment_elsewhere_journal_entry_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["other_office_id"],
            ["office.id"],
            name=("fk_payment_elsewhere_other_office_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_payment_elsewhere")),
    )
    op.add_column("bundle", sa.Column("carrier", sa.Text(), nullable=False, server_default=""))
    op.add_column("changeset", sa.Column("as_device", sa.BigInteger(), nullable=True))
    op.add_column("conflict_case", sa.Column("office_id", RowId(), nullable=True))
    op.add_column("conflict_case", sa.Column("subject", sa.LargeBinary(), nullable=True))
    op.add_column("conflict_case", sa.Column("outcome", sa.Text(), nullable=False, server_default=""))
    op.add_column("decision", sa.Column("detail", sa.LargeBinary(), nullable=True))
    op.add_column("decision", sa.Column("approved_by", sa.Text(), nullable=False, server_default=""))
    op.add_column("device", sa.Column("succeeds", sa.BigInteger(), nullable=True))
    op.add_column("enrolment_kit", sa.Column("purpose", sa.Text(), nullable=False, server_default="enrol"))
    op.add_column("exception", sa.Column("outcome", sa.Text(), nullable=False, server_default=""))
    op.create_index("ix_late_entry_origin_office_id", "late_entry", ["origin_office_id"])
    op.create_index("ix_unique_key_row_id", "unique_key", ["row_id"])
    op.create_index("ix_account_message_office_id", "account_message", ["office_id"])
    op.create_index("ix_message_answer_journal_entry_id", "message_answer", ["journal_entry_id"])
    op.create_index("ix_message_answer_message_id", "message_answer", ["message_id"])
    op.create_index("ix_payment_elsewhere_journal_entry_id", "payment_elsewhere", ["journal_entry_id"])
    op.create_index("ix_payment_elsewhere_key", "payment_elsewhere", ["key"])
    op.create_index("ix_cash_count_journal_entry_id", "cash_count", ["journal_entry_id"])
    op.create_index("ix_cash_movement_journal_entry_id", "cash_movement", ["journal_entry_id"])
    op.create_index("ix_inter_branch_leg_journal_entry_id", "inter_branch_leg", ["journal_entry_id"])
    op.create_index("ix_loan_account_replaces_id", "loan_account", ["replaces_id"])
    op.create_index("ix_loan_tranche_loan_transaction_id", "loan_tranche", ["loan_transaction_id"])
    op.create_index("ix_loan_transaction_journal_entry_id", "loan_transaction", ["journal_entry_id"])
    op.create_index("ix_savings_transaction_journal_entry_id", "savings_transaction", ["journal_entry_id"])
    create_triggers(op.get_bind())


def downgrade() -> None:
    raise NotImplementedError("books only move forward; restore a backup instead")
