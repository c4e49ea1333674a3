"""Reports: read-only questions to the books, and the documents that they become (docs/reports.md)."""

from banking.reports.catalogue import REPORTS
from banking.reports.documents import read_json, to_csv, to_json, to_xlsx
from banking.reports.ledger_books import TrialBalance, trial_balance
from banking.reports.shape import Column, Definition, Kind, Question, Report, Table

__all__ = [
    "REPORTS",
    "Column",
    "Definition",
    "Kind",
    "Question",
    "Report",
    "Table",
    "TrialBalance",
    "read_json",
    "to_csv",
    "to_json",
    "to_xlsx",
    "trial_balance",
]
