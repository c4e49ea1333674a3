"""The first tables."""

import sqlalchemy as sa
from alembic import op

from schema.base import RowId
from schema.triggers import create_triggers

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_event",
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("user_id", RowId(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=("pk_audit_event")),
    )
    op.create_table(
        "audit_log",
        sa.Column("id", RowId(), autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("user_id", RowId(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("sealed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=("pk_audit_log")),
    )
    op.create_table(
        "bundle",
        sa.Column("id", RowId(), autoincrement=True, nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("bundle_id", sa.LargeBinary(), nullable=False),
        sa.Column("device", sa.BigInteger(), nullable=True),
        sa.Column("chain", sa.BigInteger(), nullable=True),
        sa.Column("office_id", RowId(), nullable=True),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("first_seq", sa.BigInteger(), nullable=True),
        sa.Column("last_seq", sa.BigInteger(), nullable=True),
        sa.Column("last_hash", sa.LargeBinary(), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=("pk_bundle")),
    )
    op.create_index("ix_bundle_bundle_id", "bundle", ["bundle_id"])
    op.create_table(
        "business_day",
        sa.Column("on", sa.String(length=10), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("opening_cash", sa.BigInteger(), nullable=True),
        sa.Column("closing_cash", sa.BigInteger(), nullable=True),
        sa.Column("cash_difference", sa.BigInteger(), nullable=True),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=("pk_business_day")),
    )
    op.create_index("ix_business_day_on", "business_day", ["on"])
    op.create_table(
        "changeset",
        sa.Column("device", sa.BigInteger(), nullable=False),
        sa.Column("chain", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("prev", sa.LargeBinary(), nullable=False),
        sa.Column("hlc", sa.BigInteger(), nullable=False),
        sa.Column("key_time", sa.BigInteger(), nullable=False),
        sa.Column("beacon", sa.BigInteger(), nullable=False),
        sa.Column("business_date", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("bundle_id", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("device", "chain", "seq", "hash", name=("pk_changeset")),
    )
    op.create_index("ix_changeset_hlc", "changeset", ["device", "hlc"])
    op.create_index("ix_changeset_state", "changeset", ["state"])
    op.create_table(
        "conflict_case",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("members", sa.LargeBinary(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=("pk_conflict_case")),
    )
    op.create_table(
        "control_total",
        sa.Column("device", sa.BigInteger(), nullable=False),
        sa.Column("chain", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("totals", sa.LargeBinary(), nullable=False),
        sa.Column("agree", sa.BigInteger(), nullable=True),
        sa.Column("difference", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("device", "chain", "seq", "hash", "digest", name=("pk_control_total")),
    )
    op.create_table(
        "credential",
        sa.Column("user_id", RowId(), autoincrement=False, nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("locked_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("user_id", name=("pk_credential")),
    )
    op.create_table(
        "decision",
        sa.Column("case_key", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("members", sa.LargeBinary(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=("pk_decision")),
    )
    op.create_table(
        "enrolment_kit",
        sa.Column("kit_id", sa.LargeBinary(), nullable=False),
        sa.Column("device", sa.BigInteger(), nullable=False),
        sa.Column("office_id", RowId(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("expires_on", sa.String(length=10), nullable=False),
        sa.Column("claim", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kit_id", name=("pk_enrolment_kit")),
    )
    op.create_table(
        "exception",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("device", sa.BigInteger(), nullable=False),
        sa.Column("chain", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("office_id", RowId(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=("pk_exception")),
    )
    op.create_table(
        "form_token",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("user_id", RowId(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("token", name=("pk_form_token")),
    )
    op.create_table(
        "gl_account",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("parent_id", RowId(), nullable=True),
        sa.Column("usage", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("manual_entries", sa.Integer(), nullable=False),
        sa.Column("active", sa.Integer(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["gl_account.id"],
            name=("fk_gl_account_parent_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_gl_account")),
    )
    op.create_table(
        "gl_day_total",
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("gl_account_id", RowId(), nullable=False),
        sa.Column("booked_on", sa.String(length=10), nullable=False),
        sa.Column("debit", sa.BigInteger(), nullable=False),
        sa.Column("credit", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("origin_office_id", "gl_account_id", "booked_on", name=("pk_gl_day_total")),
    )
    op.create_index("ix_gl_day_total_booked_on", "gl_day_total", ["booked_on"])
    op.create_table(
        "institution",
        sa.Column("public_id", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("digits", sa.BigInteger(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=("pk_institution")),
    )
    op.create_table(
        "journal_entry",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value_date", sa.String(length=10), nullable=False),
        sa.Column("booked_on", sa.String(length=10), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("reverses_id", RowId(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["reverses_id"],
            ["journal_entry.id"],
            name=("fk_journal_entry_reverses_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_journal_entry")),
    )
    op.create_index("ix_journal_entry_booked_on", "journal_entry", ["booked_on"])
    op.create_index("ix_journal_entry_reverses_id", "journal_entry", ["reverses_id"])
    op.create_table(
        "office",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_id", RowId(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["office.id"], name=("fk_office_parent_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_office")),
    )
    op.create_table(
        "quarantine",
        sa.Column("id", RowId(), autoincrement=True, nullable=False),
        sa.Column("bundle_id", sa.LargeBinary(), nullable=True),
        sa.Column("device", sa.BigInteger(), nullable=True),
        sa.Column("chain", sa.BigInteger(), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("hash", sa.LargeBinary(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=("pk_quarantine")),
    )
    op.create_table(
        "setting",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=("pk_setting")),
    )
    op.create_table(
        "staff",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=("pk_staff")),
    )
    op.create_table(
        "watermark",
        sa.Column("device", sa.BigInteger(), nullable=False),
        sa.Column("chain", sa.BigInteger(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("device", "chain", "stage", name=("pk_watermark")),
    )
    op.create_table(
        "web_session",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", RowId(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("kept", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=("pk_web_session")),
    )
    op.create_table(
        "center",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("officer_id", RowId(), nullable=True),
        sa.Column("meeting_weekday", sa.BigInteger(), nullable=True),
        sa.Column("meeting_every_weeks", sa.BigInteger(), nullable=True),
        sa.Column("first_meeting_on", sa.String(length=10), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["staff.id"], name=("fk_center_officer_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_center")),
    )
    op.create_table(
        "device",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("office_id", RowId(), nullable=False),
        sa.Column("kit_id", sa.LargeBinary(), nullable=True),
        sa.Column("signing_key", sa.LargeBinary(), nullable=True),
        sa.Column("recipient", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("bound_seq", sa.BigInteger(), nullable=True),
        sa.Column("bound_hash", sa.LargeBinary(), nullable=True),
        sa.Column("reserve_of", sa.BigInteger(), nullable=True),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id"], ["office.id"], name=("fk_device_office_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_device")),
    )
    op.create_table(
        "holiday",
        sa.Column("on", sa.String(length=10), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("office_id", RowId(), nullable=True),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id"], ["office.id"], name=("fk_holiday_office_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_holiday")),
    )
    op.create_table(
        "journal_line",
        sa.Column("journal_entry_id", RowId(), nullable=False),
        sa.Column("gl_account_id", RowId(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("debit", sa.BigInteger(), nullable=False),
        sa.Column("credit", sa.BigInteger(), nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "debit >= 0 AND credit >= 0 AND (debit = 0) <> (credit = 0)", name=("ck_journal_line_one_side")
        ),
        sa.ForeignKeyConstraint(
            ["gl_account_id"],
            ["gl_account.id"],
            name=("fk_journal_line_gl_account_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["journal_entry_id"],
            ["journal_entry.id"],
            name=("fk_journal_line_journal_entry_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_journal_line")),
    )
    op.create_index("ix_journal_line_journal_entry_id", "journal_line", ["journal_entry_id"])
    op.create_table(
        "loan_product",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("convention", sa.Text(), nullable=False),
        sa.Column("interest_type", sa.Text(), nullable=False),
        sa.Column("amortization", sa.Text(), nullable=False),
        sa.Column("annual_rate", sa.String(length=40), nullable=False),
        sa.Column("installments", sa.BigInteger(), nullable=False),
        sa.Column("repay_every", sa.BigInteger(), nullable=False),
        sa.Column("repay_unit", sa.Text(), nullable=False),
        sa.Column("days_in_year", sa.Text(), nullable=False),
        sa.Column("strategy", sa.Text(), nullable=False),
        sa.Column("installment_fee", sa.BigInteger(), nullable=True),
        sa.Column("principal_minimum", sa.BigInteger(), nullable=True),
        sa.Column("principal_maximum", sa.BigInteger(), nullable=True),
        sa.Column("overpayment", sa.Text(), nullable=False),
        sa.Column("gl_portfolio_id", RowId(), nullable=False),
        sa.Column("gl_interest_id", RowId(), nullable=False),
        sa.Column("gl_fee_id", RowId(), nullable=False),
        sa.Column("gl_penalty_id", RowId(), nullable=False),
        sa.Column("gl_write_off_id", RowId(), nullable=False),
        sa.Column("gl_recovery_id", RowId(), nullable=False),
        sa.Column("gl_overpayment_id", RowId(), nullable=False),
        sa.Column("active", sa.Integer(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["gl_fee_id"],
            ["gl_account.id"],
            name=("fk_loan_product_gl_fee_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["gl_interest_id"],
            ["gl_account.id"],
            name=("fk_loan_product_gl_interest_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["gl_overpayment_id"],
            ["gl_account.id"],
            name=("fk_loan_product_gl_overpayment_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["gl_penalty_id"],
            ["gl_account.id"],
            name=("fk_loan_product_gl_penalty_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["gl_portfolio_id"],
            ["gl_account.id"],
            name=("fk_loan_product_gl_portfolio_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["gl_recovery_id"],
            ["gl_account.id"],
            name=("fk_loan_product_gl_recovery_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["gl_write_off_id"],
            ["gl_account.id"],
            name=("fk_loan_product_gl_write_off_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_loan_product")),
    )
    op.create_table(
        "period",
        sa.Column("office_id", RowId(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.String(length=10), nullable=False),
        sa.Column("ends_on", sa.String(length=10), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("cut", sa.LargeBinary(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id"], ["office.id"], name=("fk_period_office_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_period")),
    )
    op.create_table(
        "savings_product",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("annual_rate", sa.String(length=40), nullable=False),
        sa.Column("balance_method", sa.Text(), nullable=False),
        sa.Column("expected_deposit", sa.BigInteger(), nullable=True),
        sa.Column("minimum_balance", sa.BigInteger(), nullable=True),
        sa.Column("gl_deposits_id", RowId(), nullable=False),
        sa.Column("gl_interest_id", RowId(), nullable=False),
        sa.Column("active", sa.Integer(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["gl_deposits_id"],
            ["gl_account.id"],
            name=("fk_savings_product_gl_deposits_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["gl_interest_id"],
            ["gl_account.id"],
            name=("fk_savings_product_gl_interest_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_savings_product")),
    )
    op.create_table(
        "till",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("gl_account_id", RowId(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["gl_account_id"],
            ["gl_account.id"],
            name=("fk_till_gl_account_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_till")),
    )
    op.create_table(
        "user_account",
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("staff_id", RowId(), nullable=True),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["staff.id"],
            name=("fk_user_account_staff_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_user_account")),
    )
    op.create_table(
        "lending_group",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("center_id", RowId(), nullable=True),
        sa.Column("officer_id", RowId(), nullable=True),
        sa.Column("meeting_weekday", sa.BigInteger(), nullable=True),
        sa.Column("meeting_every_weeks", sa.BigInteger(), nullable=True),
        sa.Column("first_meeting_on", sa.String(length=10), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["center_id"],
            ["center.id"],
            name=("fk_lending_group_center_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["officer_id"],
            ["staff.id"],
            name=("fk_lending_group_officer_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_lending_group")),
    )
    op.create_index("ix_lending_group_center_id", "lending_group", ["center_id"])
    op.create_index("ix_lending_group_number", "lending_group", ["number"])
    op.create_table(
        "client",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("given_name", sa.Text(), nullable=False),
        sa.Column("gender", sa.Text(), nullable=False),
        sa.Column("born_on", sa.String(length=10), nullable=True),
        sa.Column("national_id", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("village", sa.Text(), nullable=False),
        sa.Column("group_id", RowId(), nullable=True),
        sa.Column("joined_on", sa.String(length=10), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("deceased", sa.BigInteger(), nullable=False),
        sa.Column("blacklisted", sa.BigInteger(), nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["lending_group.id"],
            name=("fk_client_group_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_client")),
    )
    op.create_index("ix_client_group_id", "client", ["group_id"])
    op.create_index("ix_client_national_id", "client", ["national_id"])
    op.create_index("ix_client_number", "client", ["number"])
    op.create_table(
        "loan_account",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("client_id", RowId(), nullable=True),
        sa.Column("group_id", RowId(), nullable=True),
        sa.Column("product_id", RowId(), nullable=False),
        sa.Column("product_version", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("principal", sa.BigInteger(), nullable=False),
        sa.Column("annual_rate", sa.String(length=40), nullable=False),
        sa.Column("interest_type", sa.Text(), nullable=False),
        sa.Column("amortization", sa.Text(), nullable=False),
        sa.Column("installments", sa.BigInteger(), nullable=False),
        sa.Column("repay_every", sa.BigInteger(), nullable=False),
        sa.Column("repay_unit", sa.Text(), nullable=False),
        sa.Column("applied_on", sa.String(length=10), nullable=True),
        sa.Column("approved_on", sa.String(length=10), nullable=True),
        sa.Column("disbursed_on", sa.String(length=10), nullable=True),
        sa.Column("first_due_on", sa.String(length=10), nullable=True),
        sa.Column("officer_id", RowId(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["client.id"],
            name=("fk_loan_account_client_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["lending_group.id"],
            name=("fk_loan_account_group_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["officer_id"],
            ["staff.id"],
            name=("fk_loan_account_officer_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["loan_product.id"],
            name=("fk_loan_account_product_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_loan_account")),
    )
    op.create_index("ix_loan_account_client_id", "loan_account", ["client_id"])
    op.create_index("ix_loan_account_group_id", "loan_account", ["group_id"])
    op.create_index("ix_loan_account_number", "loan_account", ["number"])
    op.create_table(
        "savings_account",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("client_id", RowId(), nullable=True),
        sa.Column("group_id", RowId(), nullable=True),
        sa.Column("product_id", RowId(), nullable=False),
        sa.Column("annual_rate", sa.String(length=40), nullable=False),
        sa.Column("opened_on", sa.String(length=10), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["client.id"],
            name=("fk_savings_account_client_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["lending_group.id"],
            name=("fk_savings_account_group_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["savings_product.id"],
            name=("fk_savings_account_product_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_savings_account")),
    )
    op.create_index("ix_savings_account_client_id", "savings_account", ["client_id"])
    op.create_index("ix_savings_account_group_id", "savings_account", ["group_id"])
    op.create_index("ix_savings_account_number", "savings_account", ["number"])
    op.create_table(
        "installment",
        sa.Column("loan_account_id", RowId(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.String(length=10), nullable=False),
        sa.Column("principal", sa.BigInteger(), nullable=False),
        sa.Column("interest", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("penalty", sa.BigInteger(), nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["loan_account_id"],
            ["loan_account.id"],
            name=("fk_installment_loan_account_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_installment")),
    )
    op.create_index("ix_installment_loan_account_id", "installment", ["loan_account_id"])
    op.create_table(
        "loan_transaction",
        sa.Column("loan_account_id", RowId(), nullable=False),
        sa.Column("journal_entry_id", RowId(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("principal", sa.BigInteger(), nullable=False),
        sa.Column("interest", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("penalty", sa.BigInteger(), nullable=False),
        sa.Column("overpayment", sa.BigInteger(), nullable=False),
        sa.Column("value_date", sa.String(length=10), nullable=False),
        sa.Column("booked_on", sa.String(length=10), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("till_id", RowId(), nullable=True),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("receipt_till", sa.BigInteger(), nullable=True),
        sa.Column("receipt_sequence", sa.BigInteger(), nullable=True),
        sa.Column("reverses_id", RowId(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["journal_entry_id"],
            ["journal_entry.id"],
            name=("fk_loan_transaction_journal_entry_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["loan_account_id"],
            ["loan_account.id"],
            name=("fk_loan_transaction_loan_account_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"],
            ["loan_transaction.id"],
            name=("fk_loan_transaction_reverses_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["till_id"],
            ["till.id"],
            name=("fk_loan_transaction_till_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_loan_transaction")),
    )
    op.create_index("ix_loan_transaction_booked_on", "loan_transaction", ["booked_on"])
    op.create_index("ix_loan_transaction_loan_account_id", "loan_transaction", ["loan_account_id"])
    op.create_index("ix_loan_transaction_receipt", "loan_transaction", ["receipt"])
    op.create_index(
        "ix_loan_transaction_receipt_series", "loan_transaction", ["receipt_till", "receipt_sequence"]
    )
    op.create_index("ix_loan_transaction_reverses_id", "loan_transaction", ["reverses_id"])
    op.create_table(
        "savings_transaction",
        sa.Column("savings_account_id", RowId(), nullable=False),
        sa.Column("journal_entry_id", RowId(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("value_date", sa.String(length=10), nullable=False),
        sa.Column("booked_on", sa.String(length=10), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("till_id", RowId(), nullable=True),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("receipt_till", sa.BigInteger(), nullable=True),
        sa.Column("receipt_sequence", sa.BigInteger(), nullable=True),
        sa.Column("reverses_id", RowId(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["journal_entry_id"],
            ["journal_entry.id"],
            name=("fk_savings_transaction_journal_entry_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"],
            ["savings_transaction.id"],
            name=("fk_savings_transaction_reverses_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["savings_account_id"],
            ["savings_account.id"],
            name=("fk_savings_transaction_savings_account_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["till_id"],
            ["till.id"],
            name=("fk_savings_transaction_till_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_savings_transaction")),
    )
    op.create_index("ix_savings_transaction_booked_on", "savings_transaction", ["booked_on"])
    op.create_index("ix_savings_transaction_receipt", "savings_transaction", ["receipt"])
    op.create_index(
        "ix_savings_transaction_receipt_series", "savings_transaction", ["receipt_till", "receipt_sequence"]
    )
    op.create_index("ix_savings_transaction_reverses_id", "savings_transaction", ["reverses_id"])
    op.create_index(
        "ix_savings_transaction_savings_account_id", "savings_transaction", ["savings_account_id"]
    )
    op.create_table(
        "loan_transaction_share",
        sa.Column("loan_transaction_id", RowId(), nullable=False),
        sa.Column("installment_id", RowId(), nullable=False),
        sa.Column("principal", sa.BigInteger(), nullable=False),
        sa.Column("interest", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("penalty", sa.BigInteger(), nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["installment_id"],
            ["installment.id"],
            name=("fk_loan_transaction_share_installment_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["loan_transaction_id"],
            ["loan_transaction.id"],
            name=("fk_loan_transaction_share_loan_transaction_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_loan_transaction_share")),
    )
    op.create_index("ix_loan_transaction_share_installment_id", "loan_transaction_share", ["installment_id"])
    op.create_index(
        "ix_loan_transaction_share_loan_transaction_id", "loan_transaction_share", ["loan_transaction_id"]
    )
    create_triggers(op.get_bind())


def downgrade() -> None:
    raise NotImplementedError("books only move forward; restore a backup instead")
