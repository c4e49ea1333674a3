"""One set of books: publications, payments from outside, imports in the background, month totals, samples.

Month totals of rows from before are added up from their days; standings of loans are worked out when asked.
"""

import sqlalchemy as sa
from alembic import op

from schema.base import RowId
from schema.triggers import create_triggers

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_MONTHS = """
INSERT INTO gl_month_total (origin_office_id, gl_account_id, month, debit, credit)
SELECT origin_office_id, gl_account_id, substr(booked_on, 1, 7) || '-01',
       CAST(sum(debit) AS BIGINT), CAST(sum(credit) AS BIGINT)
  FROM gl_day_total GROUP BY 1, 2, 3
"""


def upgrade() -> None:
    op.create_table(
        "api_call",
        sa.Column("token_id", RowId(), autoincrement=False, nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("token_id", "idempotency_key", name=("pk_api_call")),
    )
    op.create_table(
        "api_token",
        sa.Column("id", RowId(), autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("office_id", RowId(), nullable=True),
        sa.Column("user_id", RowId(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_on", sa.String(length=10), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=("pk_api_token")),
    )
    op.create_table(
        "audit_sample",
        sa.Column("id", RowId(), autoincrement=True, nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("cut", sa.LargeBinary(), nullable=False),
        sa.Column("population", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("user_id", RowId(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=("pk_audit_sample")),
    )
    op.create_table(
        "chase_note",
        sa.Column("id", RowId(), autoincrement=True, nullable=False),
        sa.Column("office_id", RowId(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("user_id", RowId(), nullable=True),
        sa.Column("missing", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("sent_to", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=("pk_chase_note")),
    )
    op.create_table(
        "gl_month_total",
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("gl_account_id", RowId(), nullable=False),
        sa.Column("month", sa.String(length=10), nullable=False),
        sa.Column("debit", sa.BigInteger(), nullable=False),
        sa.Column("credit", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("origin_office_id", "gl_account_id", "month", name=("pk_gl_month_total")),
    )
    op.create_table(
        "import_job",
        sa.Column("id", RowId(), autoincrement=True, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_by_id", RowId(), nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("found", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("now", sa.Text(), nullable=False),
        sa.Column("results", sa.Text(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=("pk_import_job")),
    )
    op.create_table(
        "loan_standing",
        sa.Column("loan_account_id", RowId(), autoincrement=False, nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("principal", sa.BigInteger(), nullable=False),
        sa.Column("owed", sa.BigInteger(), nullable=False),
        sa.Column("overdue_from", sa.String(length=10), nullable=True),
        sa.Column("arrears", sa.BigInteger(), nullable=False),
        sa.Column("due_then", sa.BigInteger(), nullable=False),
        sa.Column("prepaid", sa.Integer(), nullable=False),
        sa.Column("charged_off", sa.BigInteger(), nullable=False),
        sa.Column("renegotiated", sa.Integer(), nullable=False),
        sa.Column("counted_until", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("loan_account_id", name=("pk_loan_standing")),
    )
    op.create_table(
        "printed_report",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("user_id", RowId(), nullable=True),
        sa.Column("office_id", RowId(), nullable=True),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("rests_on", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=("pk_printed_report")),
    )
    op.create_table(
        "proof_run",
        sa.Column("id", RowId(), autoincrement=True, nullable=False),
        sa.Column("asked_by_id", RowId(), nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("ok", sa.BigInteger(), nullable=True),
        sa.Column("checks", sa.BigInteger(), nullable=False),
        sa.Column("chains", sa.BigInteger(), nullable=False),
        sa.Column("signatures", sa.BigInteger(), nullable=False),
        sa.Column("first_failure", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=("pk_proof_run")),
    )
    op.create_table(
        "publication",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("on", sa.String(length=10), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=("pk_publication")),
    )
    op.create_table(
        "role_right",
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("permission", sa.Text(), nullable=False),
        sa.Column("allowed", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=("pk_role_right")),
    )
    op.create_table(
        "payment_file",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("layout", sa.Text(), nullable=False),
        sa.Column("gl_account_id", RowId(), nullable=False),
        sa.Column("payments", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["gl_account_id"],
            ["gl_account.id"],
            name=("fk_payment_file_gl_account_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_payment_file")),
    )
    op.create_table(
        "user_order",
        sa.Column("office_id", RowId(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id"],
            ["office.id"],
            name=("fk_user_order_office_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_user_order")),
    )
    op.create_table(
        "incoming_payment",
        sa.Column("payment_file_id", RowId(), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("on", sa.String(length=10), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("payer", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("account_number", sa.Text(), nullable=False),
        sa.Column("office_id", RowId(), nullable=True),
        sa.Column("message_id", RowId(), nullable=True),
        sa.Column("journal_entry_id", RowId(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["journal_entry_id"],
            ["journal_entry.id"],
            name=("fk_incoming_payment_journal_entry_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["account_message.id"],
            name=("fk_incoming_payment_message_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["office_id"],
            ["office.id"],
            name=("fk_incoming_payment_office_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["payment_file_id"],
            ["payment_file.id"],
            name=("fk_incoming_payment_payment_file_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_incoming_payment")),
    )
    op.add_column("control_total", sa.Column("manifest", sa.LargeBinary(), nullable=True))
    op.add_column("control_total", sa.Column("signature", sa.LargeBinary(), nullable=True))
    op.create_index("ix_api_token_token_hash", "api_token", ["token_hash"])
    op.create_index("ix_chase_note_office_id", "chase_note", ["office_id"])
    op.create_index("ix_gl_month_total_gl_account_id", "gl_month_total", ["gl_account_id", "month"])
    op.create_index("ix_gl_month_total_month", "gl_month_total", ["month"])
    op.create_index("ix_import_job_state", "import_job", ["state"])
    op.create_index("ix_loan_standing_origin_office_id", "loan_standing", ["origin_office_id"])
    op.create_index("ix_printed_report_made_at", "printed_report", ["made_at"])
    op.create_index("ix_user_order_office_id", "user_order", ["office_id"])
    op.create_index("ix_incoming_payment_key", "incoming_payment", ["key"])
    op.create_index("ix_incoming_payment_payment_file_id", "incoming_payment", ["payment_file_id"])
    op.create_index("ix_incoming_payment_state", "incoming_payment", ["state"])
    op.create_index("ix_journal_entry_day", "journal_entry", ["booked_on", "origin_office_id"])
    op.drop_index("ix_journal_entry_booked_on", "journal_entry")
    op.execute(_MONTHS)
    create_triggers(op.get_bind())


def downgrade() -> None:
    raise NotImplementedError("books only move forward; restore a backup instead")
