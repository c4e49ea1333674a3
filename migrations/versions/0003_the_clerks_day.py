"""The clerk's day: meetings, sheets, notices, profiles, surveys, approvals, the office's calendar.

Rows from before keep working as they did: each new column has the value that means "as until now".
"""

import sqlalchemy as sa
from alembic import op

from migrations.adding import add_reference
from schema.base import RowId
from schema.triggers import create_triggers

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "custom_field",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("choices", sa.Text(), nullable=False),
        sa.Column("required", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Integer(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=("pk_custom_field")),
    )
    op.create_table(
        "sheet_cell",
        sa.Column("sheet_id", RowId(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("typed", sa.Text(), nullable=False),
        sa.Column("user_id", RowId(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sheet_id", "line", "slot", name=("pk_sheet_cell")),
    )
    op.create_table(
        "sheet_line",
        sa.Column("sheet_id", RowId(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("client_id", RowId(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("account_id", RowId(), nullable=True),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sheet_id", "line", "slot", name=("pk_sheet_line")),
    )
    op.create_table(
        "survey",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("active", sa.Integer(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=("pk_survey")),
    )
    op.create_table(
        "announcement",
        sa.Column("office_id", RowId(), nullable=True),
        sa.Column("group_id", RowId(), nullable=True),
        sa.Column("on", sa.String(length=10), nullable=False),
        sa.Column("until", sa.String(length=10), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id"],
            ["office.id"],
            name=("fk_announcement_office_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_announcement")),
    )
    op.create_table(
        "loan_decision",
        sa.Column("loan_account_id", RowId(), nullable=False),
        sa.Column("office_id", RowId(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("on", sa.String(length=10), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id"],
            ["office.id"],
            name=("fk_loan_decision_office_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_loan_decision")),
    )
    op.create_table(
        "survey_band",
        sa.Column("survey_id", RowId(), nullable=False),
        sa.Column("least", sa.BigInteger(), nullable=False),
        sa.Column("most", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("likelihood", sa.String(length=40), nullable=True),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["survey_id"],
            ["survey.id"],
            name=("fk_survey_band_survey_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_survey_band")),
    )
    op.create_table(
        "survey_question",
        sa.Column("survey_id", RowId(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("required", sa.Integer(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["survey_id"],
            ["survey.id"],
            name=("fk_survey_question_survey_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_survey_question")),
    )
    op.create_table(
        "approval_request",
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by_id", RowId(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("asked_on", sa.String(length=10), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_by_id", RowId(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["asked_by_id"],
            ["user_account.id"],
            name=("fk_approval_request_asked_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["user_account.id"],
            name=("fk_approval_request_decided_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_approval_request")),
    )
    op.create_table(
        "survey_option",
        sa.Column("question_id", RowId(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["survey_question.id"],
            name=("fk_survey_option_question_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_survey_option")),
    )
    op.create_table(
        "collection_sheet",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("center_id", RowId(), nullable=True),
        sa.Column("group_id", RowId(), nullable=True),
        sa.Column("officer_id", RowId(), nullable=True),
        sa.Column("meeting_on", sa.String(length=10), nullable=False),
        sa.Column("as_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("cash_counted", sa.BigInteger(), nullable=True),
        sa.Column("posted_on", sa.String(length=10), nullable=True),
        sa.Column("posted_at", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["center_id"],
            ["center.id"],
            name=("fk_collection_sheet_center_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["lending_group.id"],
            name=("fk_collection_sheet_group_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["officer_id"],
            ["staff.id"],
            name=("fk_collection_sheet_officer_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_collection_sheet")),
    )
    op.create_table(
        "group_message",
        sa.Column("group_id", RowId(), nullable=True),
        sa.Column("user_id", RowId(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("until", sa.String(length=10), nullable=True),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["lending_group.id"],
            name=("fk_group_message_group_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=("fk_group_message_user_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_group_message")),
    )
    op.create_table(
        "meeting",
        sa.Column("group_id", RowId(), nullable=True),
        sa.Column("center_id", RowId(), nullable=True),
        sa.Column("planned_on", sa.String(length=10), nullable=False),
        sa.Column("on", sa.String(length=10), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("agenda", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Text(), nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["center_id"], ["center.id"], name=("fk_meeting_center_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["lending_group.id"],
            name=("fk_meeting_group_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_meeting")),
    )
    op.create_table(
        "attendance",
        sa.Column("meeting_id", RowId(), nullable=False),
        sa.Column("client_id", RowId(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["client.id"],
            name=("fk_attendance_client_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            ["meeting.id"],
            name=("fk_attendance_meeting_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_attendance")),
    )
    op.create_table(
        "client_field",
        sa.Column("client_id", RowId(), nullable=False),
        sa.Column("field_id", RowId(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["client.id"],
            name=("fk_client_field_client_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["field_id"],
            ["custom_field.id"],
            name=("fk_client_field_field_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_client_field")),
    )
    op.create_table(
        "client_relative",
        sa.Column("client_id", RowId(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("born_on", sa.String(length=10), nullable=True),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("dependant", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["client.id"],
            name=("fk_client_relative_client_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_client_relative")),
    )
    op.create_table(
        "client_scan",
        sa.Column("client_id", RowId(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("user_id", RowId(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["client.id"],
            name=("fk_client_scan_client_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=("fk_client_scan_user_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_client_scan")),
    )
    op.create_table(
        "group_role",
        sa.Column("group_id", RowId(), nullable=False),
        sa.Column("client_id", RowId(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("since", sa.String(length=10), nullable=False),
        sa.Column("until", sa.String(length=10), nullable=True),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["client.id"],
            name=("fk_group_role_client_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["lending_group.id"],
            name=("fk_group_role_group_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_group_role")),
    )
    op.create_table(
        "identity_document",
        sa.Column("client_id", RowId(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("issued_on", sa.String(length=10), nullable=True),
        sa.Column("expires_on", sa.String(length=10), nullable=True),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["client.id"],
            name=("fk_identity_document_client_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_identity_document")),
    )
    op.create_table(
        "survey_response",
        sa.Column("survey_id", RowId(), nullable=False),
        sa.Column("client_id", RowId(), nullable=False),
        sa.Column("on", sa.String(length=10), nullable=False),
        sa.Column("user_id", RowId(), nullable=False),
        sa.Column("score", sa.BigInteger(), nullable=True),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["client.id"],
            name=("fk_survey_response_client_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["survey_id"],
            ["survey.id"],
            name=("fk_survey_response_survey_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=("fk_survey_response_user_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_survey_response")),
    )
    op.create_table(
        "survey_answer",
        sa.Column("response_id", RowId(), nullable=False),
        sa.Column("question_id", RowId(), nullable=False),
        sa.Column("option_id", RowId(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("origin_office_id", RowId(), nullable=False),
        sa.Column("id", RowId(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["option_id"],
            ["survey_option.id"],
            name=("fk_survey_answer_option_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["survey_question.id"],
            name=("fk_survey_answer_question_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["response_id"],
            ["survey_response.id"],
            name=("fk_survey_answer_response_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=("pk_survey_answer")),
    )
    op.add_column("bundle", sa.Column("handed_at", sa.BigInteger(), nullable=True))
    op.add_column("bundle", sa.Column("handed_how", sa.Text(), nullable=False, server_default=""))
    add_reference("journal_entry", "sheet_id", "collection_sheet")
    op.add_column("loan_change", sa.Column("only_row", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("office", sa.Column("calendar", sa.Text(), nullable=False, server_default="gregorian"))
    op.add_column("office", sa.Column("language", sa.Text(), nullable=False, server_default="en"))
    op.add_column("user_account", sa.Column("language", sa.Text(), nullable=False, server_default=""))
    op.create_index("ix_survey_band_survey_id", "survey_band", ["survey_id"])
    op.create_index("ix_survey_question_survey_id", "survey_question", ["survey_id"])
    op.create_index("ix_approval_request_state", "approval_request", ["state"])
    op.create_index("ix_survey_option_question_id", "survey_option", ["question_id"])
    op.create_index("ix_collection_sheet_center_id", "collection_sheet", ["center_id"])
    op.create_index("ix_collection_sheet_group_id", "collection_sheet", ["group_id"])
    op.create_index("ix_collection_sheet_meeting_on", "collection_sheet", ["meeting_on"])
    op.create_index("ix_collection_sheet_number", "collection_sheet", ["number"])
    op.create_index("ix_collection_sheet_state", "collection_sheet", ["state"])
    op.create_index("ix_group_message_group_id", "group_message", ["group_id"])
    op.create_index("ix_meeting_center_id", "meeting", ["center_id"])
    op.create_index("ix_meeting_group_id", "meeting", ["group_id"])
    op.create_index("ix_meeting_on", "meeting", ["on"])
    op.create_index("ix_attendance_client_id", "attendance", ["client_id"])
    op.create_index("ix_attendance_meeting_id", "attendance", ["meeting_id"])
    op.create_index("ix_client_field_client_id", "client_field", ["client_id"])
    op.create_index("ix_client_relative_client_id", "client_relative", ["client_id"])
    op.create_index("ix_client_scan_client_id", "client_scan", ["client_id"])
    op.create_index("ix_group_role_client_id", "group_role", ["client_id"])
    op.create_index("ix_group_role_group_id", "group_role", ["group_id"])
    op.create_index("ix_identity_document_client_id", "identity_document", ["client_id"])
    op.create_index("ix_identity_document_number", "identity_document", ["number"])
    op.create_index("ix_survey_response_client_id", "survey_response", ["client_id"])
    op.create_index("ix_survey_answer_response_id", "survey_answer", ["response_id"])
    op.create_index("ix_audit_log_subject", "audit_log", ["subject"])
    create_triggers(op.get_bind())


def downgrade() -> None:
    raise NotImplementedError("books only move forward; restore a backup instead")
