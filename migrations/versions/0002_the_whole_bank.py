"""The whole bank: products with every term, charges, savings terms, cash counts, inter-branch legs.

Rows from before keep working as they did: each new column has the value that means "as until now".
"""

import sqlalchemy as sa
from alembic import op

from migrations.adding import add_reference
from schema.base import RowId
from schema.triggers import create_triggers

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "client_transfer_part",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=("pk_client_transfer_part")),
    )
    op.create_table(
        "loan_purpose",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("active", sa.Integer(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=("pk_loan_purpose")),
    )
    op.create_table(
        "report_snapshot",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("office_id", RowId(), nullable=False),
        sa.Column("as_of", sa.String(length=10), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", "office_id", "as_of", name=("pk_report_snapshot")),
    )
    op.create_table(
        "bank_statement",
        sa.Column("gl_account_id", RowId(), nullable=False),
        sa.Column("starts_on", sa.String(length=10), nullable=False),
        sa.Column("ends_on", sa.String(length=10), nullable=False),
        sa.Column("opening", sa.BigInteger(), nullable=False),
        sa.Column("closing", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["gl_account_id"],
            ["gl_account.id"],
            name=("fk_bank_statement_gl_account_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_bank_statement")),
    )
    op.create_table(
        "charge_definition",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("applies_to", sa.Text(), nullable=False),
        sa.Column("due", sa.Text(), nullable=False),
        sa.Column("penalty", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("percent", sa.String(length=40), nullable=True),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("least", sa.BigInteger(), nullable=True),
        sa.Column("most", sa.BigInteger(), nullable=True),
        sa.Column("wait_days", sa.BigInteger(), nullable=False),
        sa.Column("repeat_days", sa.BigInteger(), nullable=True),
        sa.Column("gl_income_id", RowId(), nullable=True),
        sa.Column("active", sa.Integer(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["gl_income_id"],
            ["gl_account.id"],
            name=("fk_charge_definition_gl_income_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_charge_definition")),
    )
    op.create_table(
        "client_transfer",
        sa.Column("client_id", RowId(), nullable=False),
        sa.Column("from_office_id", RowId(), nullable=False),
        sa.Column("to_office_id", RowId(), nullable=False),
        sa.Column("decided_on", sa.String(length=10), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["from_office_id"],
            ["office.id"],
            name=("fk_client_transfer_from_office_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["to_office_id"],
            ["office.id"],
            name=("fk_client_transfer_to_office_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_client_transfer")),
    )
    op.create_table(
        "frequent_posting",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("gl_debit_id", RowId(), nullable=False),
        sa.Column("gl_credit_id", RowId(), nullable=False),
        sa.Column("active", sa.Integer(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["gl_credit_id"],
            ["gl_account.id"],
            name=("fk_frequent_posting_gl_credit_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["gl_debit_id"],
            ["gl_account.id"],
            name=("fk_frequent_posting_gl_debit_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_frequent_posting")),
    )
    op.create_table(
        "money_limit",
        sa.Column("office_id", RowId(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id"],
            ["office.id"],
            name=("fk_money_limit_office_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_money_limit")),
    )
    op.create_table(
        "payment_type",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("gl_account_id", RowId(), nullable=False),
        sa.Column("active", sa.Integer(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["gl_account_id"],
            ["gl_account.id"],
            name=("fk_payment_type_gl_account_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_payment_type")),
    )
    op.create_table(
        "provision_table",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.String(length=10), nullable=False),
        sa.Column("gl_allowance_id", RowId(), nullable=False),
        sa.Column("gl_expense_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["gl_allowance_id"],
            ["gl_account.id"],
            name=("fk_provision_table_gl_allowance_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["gl_expense_id"],
            ["gl_account.id"],
            name=("fk_provision_table_gl_expense_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_provision_table")),
    )
    op.create_table(
        "cashier_assignment",
        sa.Column("till_id", RowId(), nullable=False),
        sa.Column("user_id", RowId(), nullable=False),
        sa.Column("from_date", sa.String(length=10), nullable=False),
        sa.Column("until", sa.String(length=10), nullable=True),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["till_id"],
            ["till.id"],
            name=("fk_cashier_assignment_till_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_cashier_assignment")),
    )
    op.create_table(
        "payment_account",
        sa.Column("payment_type_id", RowId(), nullable=False),
        sa.Column("loan_product_id", RowId(), nullable=True),
        sa.Column("savings_product_id", RowId(), nullable=True),
        sa.Column("gl_account_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["gl_account_id"],
            ["gl_account.id"],
            name=("fk_payment_account_gl_account_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["loan_product_id"],
            ["loan_product.id"],
            name=("fk_payment_account_loan_product_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["payment_type_id"],
            ["payment_type.id"],
            name=("fk_payment_account_payment_type_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["savings_product_id"],
            ["savings_product.id"],
            name=("fk_payment_account_savings_product_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_payment_account")),
    )
    op.create_table(
        "product_charge",
        sa.Column("charge_id", RowId(), nullable=False),
        sa.Column("loan_product_id", RowId(), nullable=True),
        sa.Column("savings_product_id", RowId(), nullable=True),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["charge_id"],
            ["charge_definition.id"],
            name=("fk_product_charge_charge_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["loan_product_id"],
            ["loan_product.id"],
            name=("fk_product_charge_loan_product_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["savings_product_id"],
            ["savings_product.id"],
            name=("fk_product_charge_savings_product_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_product_charge")),
    )
    op.create_table(
        "product_cycle",
        sa.Column("loan_product_id", RowId(), nullable=False),
        sa.Column("cycle", sa.BigInteger(), nullable=False),
        sa.Column("principal_minimum", sa.BigInteger(), nullable=True),
        sa.Column("principal_maximum", sa.BigInteger(), nullable=True),
        sa.Column("rate_minimum", sa.String(length=40), nullable=True),
        sa.Column("rate_maximum", sa.String(length=40), nullable=True),
        sa.Column("installments_minimum", sa.BigInteger(), nullable=True),
        sa.Column("installments_maximum", sa.BigInteger(), nullable=True),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["loan_product_id"],
            ["loan_product.id"],
            name=("fk_product_cycle_loan_product_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_product_cycle")),
    )
    op.create_table(
        "provision_band",
        sa.Column("provision_table_id", RowId(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("from_days", sa.BigInteger(), nullable=False),
        sa.Column("percent", sa.String(length=40), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["provision_table_id"],
            ["provision_table.id"],
            name=("fk_provision_band_provision_table_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_provision_band")),
    )
    op.create_table(
        "savings_rate_step",
        sa.Column("savings_product_id", RowId(), nullable=False),
        sa.Column("from_days", sa.BigInteger(), nullable=False),
        sa.Column("from_amount", sa.BigInteger(), nullable=True),
        sa.Column("annual_rate", sa.String(length=40), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["savings_product_id"],
            ["savings_product.id"],
            name=("fk_savings_rate_step_savings_product_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_savings_rate_step")),
    )
    op.create_table(
        "cash_count",
        sa.Column("till_id", RowId(), nullable=False),
        sa.Column("on", sa.String(length=10), nullable=False),
        sa.Column("moment", sa.Text(), nullable=False),
        sa.Column("pieces", sa.Text(), nullable=False),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.Column("expected", sa.BigInteger(), nullable=False),
        sa.Column("journal_entry_id", RowId(), nullable=True),
        sa.Column("counted_by_id", RowId(), nullable=True),
        sa.Column("seen_by_id", RowId(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["journal_entry_id"],
            ["journal_entry.id"],
            name=("fk_cash_count_journal_entry_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["till_id"], ["till.id"], name=("fk_cash_count_till_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_cash_count")),
    )
    op.create_table(
        "cash_movement",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("from_till_id", RowId(), nullable=True),
        sa.Column("to_till_id", RowId(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("pieces", sa.Text(), nullable=False),
        sa.Column("journal_entry_id", RowId(), nullable=False),
        sa.Column("on", sa.String(length=10), nullable=False),
        sa.Column("approved_by_id", RowId(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["approved_by_id"],
            ["user_account.id"],
            name=("fk_cash_movement_approved_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["from_till_id"],
            ["till.id"],
            name=("fk_cash_movement_from_till_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["journal_entry_id"],
            ["journal_entry.id"],
            name=("fk_cash_movement_journal_entry_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["to_till_id"],
            ["till.id"],
            name=("fk_cash_movement_to_till_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_cash_movement")),
    )
    op.create_table(
        "inter_branch_leg",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("other_office_id", RowId(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("on", sa.String(length=10), nullable=False),
        sa.Column("journal_entry_id", RowId(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["journal_entry_id"],
            ["journal_entry.id"],
            name=("fk_inter_branch_leg_journal_entry_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["other_office_id"],
            ["office.id"],
            name=("fk_inter_branch_leg_other_office_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_inter_branch_leg")),
    )
    op.create_table(
        "bank_statement_line",
        sa.Column("bank_statement_id", RowId(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("on", sa.String(length=10), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("journal_line_id", RowId(), nullable=True),
        sa.Column("matched_on", sa.String(length=10), nullable=True),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["bank_statement_id"],
            ["bank_statement.id"],
            name=("fk_bank_statement_line_bank_statement_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["journal_line_id"],
            ["journal_line.id"],
            name=("fk_bank_statement_line_journal_line_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_bank_statement_line")),
    )
    op.create_table(
        "client_move",
        sa.Column("transfer_id", RowId(), nullable=False),
        sa.Column("client_id", RowId(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("on", sa.String(length=10), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["client.id"],
            name=("fk_client_move_client_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"],
            ["client_transfer.id"],
            name=("fk_client_move_transfer_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_client_move")),
    )
    op.create_table(
        "savings_hold",
        sa.Column("savings_account_id", RowId(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("held_on", sa.String(length=10), nullable=False),
        sa.Column("released_on", sa.String(length=10), nullable=True),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["savings_account_id"],
            ["savings_account.id"],
            name=("fk_savings_hold_savings_account_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_savings_hold")),
    )
    op.create_table(
        "savings_holder",
        sa.Column("savings_account_id", RowId(), nullable=False),
        sa.Column("client_id", RowId(), nullable=False),
        sa.Column("added_on", sa.String(length=10), nullable=False),
        sa.Column("removed_on", sa.String(length=10), nullable=True),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["client.id"],
            name=("fk_savings_holder_client_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["savings_account_id"],
            ["savings_account.id"],
            name=("fk_savings_holder_savings_account_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_savings_holder")),
    )
    op.create_table(
        "collateral",
        sa.Column("loan_account_id", RowId(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["loan_account_id"],
            ["loan_account.id"],
            name=("fk_collateral_loan_account_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_collateral")),
    )
    op.create_table(
        "guarantor",
        sa.Column("loan_account_id", RowId(), nullable=False),
        sa.Column("client_id", RowId(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("hold_id", RowId(), nullable=True),
        sa.Column("released_on", sa.String(length=10), nullable=True),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["client.id"],
            name=("fk_guarantor_client_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["hold_id"],
            ["savings_hold.id"],
            name=("fk_guarantor_hold_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["loan_account_id"],
            ["loan_account.id"],
            name=("fk_guarantor_loan_account_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_guarantor")),
    )
    op.create_table(
        "loan_change",
        sa.Column("loan_account_id", RowId(), nullable=False),
        sa.Column("from_date", sa.String(length=10), nullable=False),
        sa.Column("decided_on", sa.String(length=10), nullable=False),
        sa.Column("new_date", sa.String(length=10), nullable=True),
        sa.Column("extra_installments", sa.BigInteger(), nullable=False),
        sa.Column("grace_principal", sa.BigInteger(), nullable=False),
        sa.Column("grace_interest", sa.BigInteger(), nullable=False),
        sa.Column("new_rate", sa.String(length=40), nullable=True),
        sa.Column("approved_by_id", RowId(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["approved_by_id"],
            ["user_account.id"],
            name=("fk_loan_change_approved_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["loan_account_id"],
            ["loan_account.id"],
            name=("fk_loan_change_loan_account_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_loan_change")),
    )
    op.create_table(
        "loan_member",
        sa.Column("loan_account_id", RowId(), nullable=False),
        sa.Column("client_id", RowId(), nullable=False),
        sa.Column("principal", sa.BigInteger(), nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["client.id"],
            name=("fk_loan_member_client_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["loan_account_id"],
            ["loan_account.id"],
            name=("fk_loan_member_loan_account_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_loan_member")),
    )
    op.create_table(
        "officer_assignment",
        sa.Column("officer_id", RowId(), nullable=True),
        sa.Column("loan_account_id", RowId(), nullable=True),
        sa.Column("savings_account_id", RowId(), nullable=True),
        sa.Column("group_id", RowId(), nullable=True),
        sa.Column("center_id", RowId(), nullable=True),
        sa.Column("from_date", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["center_id"],
            ["center.id"],
            name=("fk_officer_assignment_center_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["lending_group.id"],
            name=("fk_officer_assignment_group_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["loan_account_id"],
            ["loan_account.id"],
            name=("fk_officer_assignment_loan_account_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["officer_id"],
            ["staff.id"],
            name=("fk_officer_assignment_officer_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["savings_account_id"],
            ["savings_account.id"],
            name=("fk_officer_assignment_savings_account_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_officer_assignment")),
    )
    op.create_table(
        "standing_instruction",
        sa.Column("from_account_id", RowId(), nullable=False),
        sa.Column("to_savings_id", RowId(), nullable=True),
        sa.Column("to_loan_id", RowId(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("every", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("first_on", sa.String(length=10), nullable=False),
        sa.Column("next_on", sa.String(length=10), nullable=False),
        sa.Column("until", sa.String(length=10), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("last_outcome", sa.Text(), nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["from_account_id"],
            ["savings_account.id"],
            name=("fk_standing_instruction_from_account_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["to_loan_id"],
            ["loan_account.id"],
            name=("fk_standing_instruction_to_loan_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["to_savings_id"],
            ["savings_account.id"],
            name=("fk_standing_instruction_to_savings_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_standing_instruction")),
    )
    op.create_table(
        "loan_charge",
        sa.Column("loan_account_id", RowId(), nullable=False),
        sa.Column("charge_id", RowId(), nullable=True),
        sa.Column("installment_id", RowId(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("penalty", sa.Integer(), nullable=False),
        sa.Column("charged_on", sa.String(length=10), nullable=False),
        sa.Column("booked_on", sa.String(length=10), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reverses_id", RowId(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["charge_id"],
            ["charge_definition.id"],
            name=("fk_loan_charge_charge_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["installment_id"],
            ["installment.id"],
            name=("fk_loan_charge_installment_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["loan_account_id"],
            ["loan_account.id"],
            name=("fk_loan_charge_loan_account_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"],
            ["loan_charge.id"],
            name=("fk_loan_charge_reverses_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_loan_charge")),
    )
    op.create_table(
        "loan_tranche",
        sa.Column("loan_account_id", RowId(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("expected_on", sa.String(length=10), nullable=False),
        sa.Column("principal", sa.BigInteger(), nullable=False),
        sa.Column("loan_transaction_id", RowId(), nullable=True),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["loan_account_id"],
            ["loan_account.id"],
            name=("fk_loan_tranche_loan_account_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["loan_transaction_id"],
            ["loan_transaction.id"],
            name=("fk_loan_tranche_loan_transaction_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_loan_tranche")),
    )
    op.add_column(
        "institution", sa.Column("working_days", sa.Text(), nullable=False, server_default="1234567")
    )
    add_reference("journal_entry", "approved_by_id", "user_account")
    op.add_column("loan_account", sa.Column("cycle", sa.BigInteger(), nullable=False, server_default="1"))
    op.add_column("loan_account", sa.Column("grace_principal", sa.BigInteger(), nullable=True))
    op.add_column("loan_account", sa.Column("grace_interest_payment", sa.BigInteger(), nullable=True))
    op.add_column("loan_account", sa.Column("grace_interest_charged", sa.BigInteger(), nullable=True))
    op.add_column(
        "loan_account", sa.Column("rows_follow_terms", sa.Integer(), nullable=False, server_default="1")
    )
    op.add_column(
        "loan_account", sa.Column("joint_liability", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column("loan_account", sa.Column("credit_limit", sa.BigInteger(), nullable=True))
    op.add_column("loan_account", sa.Column("non_performing_since", sa.String(10), nullable=True))
    op.add_column("loan_account", sa.Column("charged_off_on", sa.String(10), nullable=True))
    add_reference("loan_account", "replaces_id", "loan_account")
    add_reference("loan_account", "savings_account_id", "savings_account")
    op.add_column("loan_product", sa.Column("kind", sa.Text(), nullable=False, server_default="loan"))
    op.add_column("loan_product", sa.Column("rate_minimum", sa.String(40), nullable=True))
    op.add_column("loan_product", sa.Column("rate_maximum", sa.String(40), nullable=True))
    op.add_column("loan_product", sa.Column("installments_minimum", sa.BigInteger(), nullable=True))
    op.add_column("loan_product", sa.Column("installments_maximum", sa.BigInteger(), nullable=True))
    op.add_column(
        "loan_product", sa.Column("days_in_month", sa.Text(), nullable=False, server_default="actual")
    )
    op.add_column(
        "loan_product",
        sa.Column("interest_period", sa.Text(), nullable=False, server_default="SAME_AS_REPAYMENT_PERIOD"),
    )
    op.add_column(
        "loan_product", sa.Column("partial_periods", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column(
        "loan_product", sa.Column("grace_principal", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.add_column(
        "loan_product",
        sa.Column("grace_interest_payment", sa.BigInteger(), nullable=False, server_default="0"),
    )
    op.add_column(
        "loan_product",
        sa.Column("grace_interest_charged", sa.BigInteger(), nullable=False, server_default="0"),
    )
    op.add_column(
        "loan_product", sa.Column("currency_multiple", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.add_column(
        "loan_product", sa.Column("installment_multiple", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.add_column(
        "loan_product", sa.Column("rounding_currency", sa.Text(), nullable=False, server_default="")
    )
    op.add_column("loan_product", sa.Column("rounding_initial", sa.Text(), nullable=False, server_default=""))
    op.add_column("loan_product", sa.Column("rounding_final", sa.Text(), nullable=False, server_default=""))
    op.add_column("loan_product", sa.Column("fixed_principal_percent", sa.String(40), nullable=True))
    op.add_column("loan_product", sa.Column("down_payment_percent", sa.String(40), nullable=True))
    op.add_column(
        "loan_product", sa.Column("auto_down_payment", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column(
        "loan_product", sa.Column("most_tranches", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.add_column(
        "loan_product", sa.Column("schedule_kind", sa.Text(), nullable=False, server_default="cumulative")
    )
    op.add_column(
        "loan_product", sa.Column("recalculation", sa.Text(), nullable=False, server_default="none")
    )
    op.add_column(
        "loan_product", sa.Column("recalculation_rest", sa.Text(), nullable=False, server_default="DAILY")
    )
    op.add_column(
        "loan_product",
        sa.Column("recalculation_compounding", sa.Text(), nullable=False, server_default="NONE"),
    )
    op.add_column("loan_product", sa.Column("recalculation_day", sa.BigInteger(), nullable=True))
    op.add_column(
        "loan_product",
        sa.Column("payoff_interest", sa.Text(), nullable=False, server_default="TILL_PRE_CLOSE_DATE"),
    )
    op.add_column(
        "loan_product", sa.Column("due_from", sa.Text(), nullable=False, server_default="disbursement")
    )
    op.add_column("loan_product", sa.Column("allocation_order", sa.Text(), nullable=False, server_default=""))
    op.add_column("loan_product", sa.Column("future_rules", sa.Text(), nullable=False, server_default=""))
    op.add_column(
        "loan_product", sa.Column("shift_rule", sa.Text(), nullable=False, server_default="same_day")
    )
    op.add_column("loan_product", sa.Column("principal_default", sa.BigInteger(), nullable=True))
    op.add_column("loan_product", sa.Column("accrual", sa.Text(), nullable=False, server_default="cash"))
    op.add_column("loan_product", sa.Column("non_performing_after_days", sa.BigInteger(), nullable=True))
    op.add_column("loan_product", sa.Column("charge_off_after_days", sa.BigInteger(), nullable=True))
    op.add_column("loan_product", sa.Column("arrears_tolerance", sa.BigInteger(), nullable=True))
    op.add_column(
        "loan_product", sa.Column("guarantors_needed", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.add_column("loan_product", sa.Column("guarantee_percent", sa.String(40), nullable=True))
    op.add_column("loan_product", sa.Column("provision_table", sa.Text(), nullable=False, server_default=""))
    add_reference("loan_product", "gl_interest_receivable_id", "gl_account")
    add_reference("loan_product", "gl_fee_receivable_id", "gl_account")
    add_reference("loan_product", "gl_penalty_receivable_id", "gl_account")
    add_reference("loan_product", "gl_charge_off_id", "gl_account")
    add_reference("loan_transaction", "adjusts_id", "loan_transaction")
    add_reference("loan_transaction", "payment_type_id", "payment_type")
    add_reference("loan_transaction", "savings_transaction_id", "savings_transaction")
    add_reference("loan_transaction", "approved_by_id", "user_account")
    op.add_column("period", sa.Column("kind", sa.Text(), nullable=False, server_default="month"))
    op.add_column("period", sa.Column("approved_by", sa.Text(), nullable=False, server_default=""))
    op.add_column("period", sa.Column("reason", sa.Text(), nullable=False, server_default=""))
    add_reference("savings_account", "officer_id", "staff")
    op.add_column("savings_account", sa.Column("closed_on", sa.String(10), nullable=True))
    op.add_column("savings_account", sa.Column("interest_to", sa.String(10), nullable=True))
    op.add_column("savings_account", sa.Column("earns_from", sa.String(10), nullable=True))
    op.add_column("savings_account", sa.Column("locked_until", sa.String(10), nullable=True))
    op.add_column("savings_account", sa.Column("matures_on", sa.String(10), nullable=True))
    op.add_column("savings_account", sa.Column("term_days", sa.BigInteger(), nullable=True))
    op.add_column("savings_account", sa.Column("expected_deposit", sa.BigInteger(), nullable=True))
    op.add_column("savings_account", sa.Column("overdraft_limit", sa.BigInteger(), nullable=True))
    add_reference("savings_account", "pays_interest_to_id", "savings_account")
    op.add_column("savings_product", sa.Column("rate_minimum", sa.String(40), nullable=True))
    op.add_column("savings_product", sa.Column("rate_maximum", sa.String(40), nullable=True))
    op.add_column(
        "savings_product", sa.Column("compounding", sa.Text(), nullable=False, server_default="daily")
    )
    op.add_column(
        "savings_product", sa.Column("posting", sa.Text(), nullable=False, server_default="monthly")
    )
    op.add_column(
        "savings_product", sa.Column("days_in_year", sa.Text(), nullable=False, server_default="365")
    )
    op.add_column("savings_product", sa.Column("interest_minimum", sa.BigInteger(), nullable=True))
    op.add_column(
        "savings_product", sa.Column("deposit_every", sa.BigInteger(), nullable=False, server_default="1")
    )
    op.add_column(
        "savings_product", sa.Column("deposit_unit", sa.Text(), nullable=False, server_default="MONTHS")
    )
    op.add_column("savings_product", sa.Column("opening_minimum", sa.BigInteger(), nullable=True))
    op.add_column("savings_product", sa.Column("overdraft_limit", sa.BigInteger(), nullable=True))
    op.add_column("savings_product", sa.Column("overdraft_rate", sa.String(40), nullable=True))
    op.add_column("savings_product", sa.Column("tax_percent", sa.String(40), nullable=True))
    op.add_column("savings_product", sa.Column("term_days", sa.BigInteger(), nullable=True))
    op.add_column("savings_product", sa.Column("term_days_minimum", sa.BigInteger(), nullable=True))
    op.add_column("savings_product", sa.Column("term_days_maximum", sa.BigInteger(), nullable=True))
    op.add_column("savings_product", sa.Column("early_rate", sa.String(40), nullable=True))
    op.add_column(
        "savings_product", sa.Column("lock_in_days", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.add_column("savings_product", sa.Column("dormant_after_days", sa.BigInteger(), nullable=True))
    op.add_column("savings_product", sa.Column("unclaimed_after_days", sa.BigInteger(), nullable=True))
    add_reference("savings_product", "gl_fee_id", "gl_account")
    add_reference("savings_product", "gl_tax_id", "gl_account")
    add_reference("savings_product", "gl_overdraft_id", "gl_account")
    add_reference("savings_product", "gl_overdraft_interest_id", "gl_account")
    add_reference("savings_product", "gl_interest_payable_id", "gl_account")
    add_reference("savings_product", "gl_unclaimed_id", "gl_account")
    add_reference("savings_transaction", "charge_id", "charge_definition")
    add_reference("savings_transaction", "payment_type_id", "payment_type")
    add_reference("savings_transaction", "approved_by_id", "user_account")
    op.add_column("till", sa.Column("kind", sa.Text(), nullable=False, server_default="till"))
    op.add_column("till", sa.Column("cash_limit", sa.BigInteger(), nullable=True))
    op.create_index("ix_bank_statement_gl_account_id", "bank_statement", ["gl_account_id"])
    op.create_index("ix_cashier_assignment_till_id", "cashier_assignment", ["till_id"])
    op.create_index("ix_payment_account_loan_product_id", "payment_account", ["loan_product_id"])
    op.create_index("ix_payment_account_savings_product_id", "payment_account", ["savings_product_id"])
    op.create_index("ix_product_charge_loan_product_id", "product_charge", ["loan_product_id"])
    op.create_index("ix_product_charge_savings_product_id", "product_charge", ["savings_product_id"])
    op.create_index("ix_product_cycle_loan_product_id", "product_cycle", ["loan_product_id"])
    op.create_index("ix_provision_band_provision_table_id", "provision_band", ["provision_table_id"])
    op.create_index("ix_savings_rate_step_savings_product_id", "savings_rate_step", ["savings_product_id"])
    op.create_index("ix_cash_count_till_id", "cash_count", ["till_id"])
    op.create_index("ix_cash_movement_from_till_id", "cash_movement", ["from_till_id"])
    op.create_index("ix_cash_movement_to_till_id", "cash_movement", ["to_till_id"])
    op.create_index("ix_inter_branch_leg_key", "inter_branch_leg", ["key"])
    op.create_index("ix_bank_statement_line_bank_statement_id", "bank_statement_line", ["bank_statement_id"])
    op.create_index("ix_bank_statement_line_journal_line_id", "bank_statement_line", ["journal_line_id"])
    op.create_index("ix_client_move_client_id", "client_move", ["client_id"])
    op.create_index("ix_client_move_transfer_id", "client_move", ["transfer_id"])
    op.create_index("ix_savings_hold_savings_account_id", "savings_hold", ["savings_account_id"])
    op.create_index("ix_savings_holder_client_id", "savings_holder", ["client_id"])
    op.create_index("ix_savings_holder_savings_account_id", "savings_holder", ["savings_account_id"])
    op.create_index("ix_collateral_loan_account_id", "collateral", ["loan_account_id"])
    op.create_index("ix_guarantor_client_id", "guarantor", ["client_id"])
    op.create_index("ix_guarantor_loan_account_id", "guarantor", ["loan_account_id"])
    op.create_index("ix_loan_change_loan_account_id", "loan_change", ["loan_account_id"])
    op.create_index("ix_loan_member_client_id", "loan_member", ["client_id"])
    op.create_index("ix_loan_member_loan_account_id", "loan_member", ["loan_account_id"])
    op.create_index("ix_officer_assignment_center_id", "officer_assignment", ["center_id"])
    op.create_index("ix_officer_assignment_group_id", "officer_assignment", ["group_id"])
    op.create_index("ix_officer_assignment_loan_account_id", "officer_assignment", ["loan_account_id"])
    op.create_index("ix_officer_assignment_savings_account_id", "officer_assignment", ["savings_account_id"])
    op.create_index("ix_standing_instruction_from_account_id", "standing_instruction", ["from_account_id"])
    op.create_index("ix_standing_instruction_next_on", "standing_instruction", ["next_on"])
    op.create_index("ix_standing_instruction_to_loan_id", "standing_instruction", ["to_loan_id"])
    op.create_index("ix_loan_charge_loan_account_id", "loan_charge", ["loan_account_id"])
    op.create_index("ix_loan_tranche_loan_account_id", "loan_tranche", ["loan_account_id"])
    op.create_index("ix_loan_transaction_adjusts_id", "loan_transaction", ["adjusts_id"])
    op.create_index(
        "ix_loan_transaction_savings_transaction_id", "loan_transaction", ["savings_transaction_id"]
    )
    create_triggers(op.get_bind())


def downgrade() -> None:
    raise NotImplementedError("books only move forward; restore a backup instead")
