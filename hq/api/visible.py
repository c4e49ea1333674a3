"""Which tables and columns of changesets a scope opens: what is named nowhere is shown to no program."""

from collections.abc import Mapping
from typing import Final

from hq.api import scopes

ANYBODY: Final = ""
"""For tables of reference data: any token that may follow changes."""

_BY_SCOPE: Final[Mapping[str, str]] = {
    ANYBODY: (
        "institution office gl_account holiday period loan_product savings_product savings_rate_step "
        "product_charge product_cycle provision_band provision_table payment_account payment_type "
        "charge_definition custom_field loan_purpose money_limit survey survey_band survey_option "
        "survey_question"
    ),
    scopes.CLIENTS: (
        "client lending_group center staff group_role client_move client_transfer client_transfer_part "
        "officer_assignment meeting attendance collection_sheet"
    ),
    scopes.PRIVATE: (
        "client_relative identity_document client_scan client_field survey_response survey_answer "
        "guarantor collateral group_message profile_restatement"
    ),
    scopes.LOANS: "loan_account installment loan_change loan_charge loan_member loan_tranche loan_decision",
    scopes.SAVINGS: "savings_account savings_hold savings_holder standing_instruction",
    scopes.MOVEMENTS: (
        "loan_transaction loan_transaction_share savings_transaction journal_entry journal_line till "
        "business_day cash_count cash_movement cashier_assignment bank_statement bank_statement_line "
        "inter_branch_leg payment_elsewhere payment_file incoming_payment account_message message_answer"
    ),
}

TABLES: Final[Mapping[str, str]] = {
    table: scope for scope, tables in _BY_SCOPE.items() for table in tables.split()
}
"""The scope that opens the values of a table. Of the others (people, keys, log-ins) only ids are told."""

PRIVATE_COLUMNS: Final = frozenset(
    {"phone", "national_id", "born_on", "address", "note", "reason", "text", "payer", "sender", "content"}
)
"""Columns that ask for ``clients:private`` in every table: people write names and numbers into free text."""


def is_open(table: str, held: frozenset[str]) -> bool:
    """Whether a token with some scopes sees the values of a table."""
    scope = TABLES.get(table)
    return scope is not None and (scope == ANYBODY or scope in held)


def is_column_open(column: str, held: frozenset[str]) -> bool:
    """Whether it sees a column of a table that it sees."""
    return column not in PRIVATE_COLUMNS or scopes.PRIVATE in held
