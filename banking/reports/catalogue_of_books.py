"""Catalogue: reports of the books and of cash."""

from banking.reports import consolidation, controls, journal, late_entries, tills
from banking.reports.shape import Definition, Table, count, money
from ledger.errors import N_

BOOK_REPORTS = (
    Definition(
        name="trial-balance",
        title=N_("Trial balance"),
        room="books",
        rule="Every GL account that was ever posted to by `as_of`, by code. `opening` is the balance at the "
        "beginning of `start` (0 without it), `debit` and `credit` are what was booked from then on; "
        "`opening`, `closing` are debit-positive. The figures `debit` and `credit` are equal.",
        find=consolidation.find_trial_balance,
        figures=(money("debit", N_("Debit")), money("credit", N_("Credit"))),
        tables=(Table("accounts", N_("By account"), consolidation.TRIAL_BALANCE),),
        asks=("start", "by_office", "columns", "compare", "late"),
    ),
    Definition(
        name="balance-sheet",
        title=N_("Balance sheet"),
        room="books",
        rule="`assets` = `liabilities` + `equity` + `result`; `result` is income less expenses that no "
        "closing entry has brought to equity. The figures are as printed: above zero is the usual side "
        "of each. Rows are headings and accounts as a tree, headings before what they hold: `usage` is "
        "header or detail, `level` 0 outermost, `balance` debit-positive (a heading has the sum of what "
        "stands below it), `amount` as printed.",
        find=consolidation.find_balance_sheet,
        figures=(
            money("assets", N_("Assets")),
            money("liabilities", N_("Liabilities")),
            money("equity", N_("Equity")),
            money("result", N_("Result not yet closed")),
        ),
        tables=(Table("accounts", "", consolidation.STATEMENT),),
        asks=("by_office", "columns", "compare", "late"),
    ),
    Definition(
        name="income-statement",
        title=N_("Income statement"),
        room="books",
        rule="What was earned and spent from `start` (without it: since the books began) to `as_of`. The "
        "entries that bring a year's result to retained earnings do not count. Rows as in the balance "
        "sheet; `result` = `income` - `expenses`.",
        find=consolidation.find_income_statement,
        figures=(
            money("income", N_("Income")),
            money("expenses", N_("Expenses")),
            money("result", N_("Result")),
        ),
        tables=(Table("accounts", "", consolidation.STATEMENT),),
        asks=("start", "by_office", "columns", "compare", "late"),
    ),
    Definition(
        name="general-ledger",
        title=N_("General ledger"),
        room="books",
        rule="The lines of one account and what stands below it (`--account`), or of all, by code and in the "
        "order of booking, with the balance after each; with `start` the first line of an account is "
        "its opening balance. `entry` is the id of the journal entry, `receipt` that of the movement "
        "behind it, `note` its account and note. `on` is the day under which the books show the line; for "
        "an entry that came after the close of its period it is later than `booked_on`.",
        find=journal.find_general_ledger,
        figures=(money("debit", N_("Debit")), money("credit", N_("Credit"))),
        tables=(Table("lines", "", journal.LEDGER),),
        asks=("start", "account"),
        kept=False,
    ),
    Definition(
        name="late-entries",
        title=N_("Entries after the close"),
        room="books",
        rule="Entries that are dated in a closed period and were not known when it was closed, by the day "
        "under which the books show them (`on`), up to `as_of`. They change no closed books: they count "
        "in `period`, the first one that could take them; empty where none was made yet. A period that "
        "is opened again takes its own entries back. `amount` is what was debited.",
        find=late_entries.find_late_entries,
        figures=(count("count", N_("Entries")), money("amount", N_("Amount"))),
        tables=(Table("entries", "", late_entries.LATE_ENTRIES),),
        asks=("start",),
        kept=False,
    ),
    Definition(
        name="cash-book",
        title=N_("Cash book"),
        room="cash",
        rule="What came into and went out of the accounts in which cash lies (drawers and the vault), in the "
        "order of booking. `opening` + `received` - `paid` = `closing`; a float from the vault to a "
        "till stands on both sides. `on` and `booked_on` as in the general ledger.",
        find=journal.find_cash_book,
        figures=(
            money("opening", N_("Opening")),
            money("received", N_("Received")),
            money("paid", N_("Paid")),
            money("closing", N_("Closing")),
        ),
        tables=(Table("lines", "", journal.CASH_BOOK),),
        asks=("start",),
        kept=False,
    ),
    Definition(
        name="cash-today",
        title=N_("Cash of the day"),
        room="cash",
        rule="`opening` + `received` - `paid_out` + `other` = `closing`. `opening` and `closing` are what "
        "the books say of all drawers; `other` moved there without a receipt: counts, transfers, manual "
        "entries. Rows are what the tills did, by till and in the order made; cash in is above zero.",
        find=tills.find_cash_today,
        figures=(
            money("opening", N_("Opening")),
            money("received", N_("Received")),
            money("paid_out", N_("Paid out")),
            money("other", N_("Other")),
            money("closing", N_("Closing")),
        ),
        tables=(Table("movements", "", tills.MOVEMENTS),),
    ),
    Definition(
        name="till-report",
        title=N_("Till report"),
        room="cash",
        rule="Each drawer's day by the books, tills first and vaults last: `opening` + `received` - "
        "`paid_out` + `floats_in` - `floats_out` + `from_bank` - `to_bank` + `other` + `over_short` = "
        "`closing`. `received` and `paid_out` are clients' cash; `other` is what nobody gave a till; "
        "`counted` and `difference` are null where nobody counted. `lines` are the movements; those "
        "without cash have a `way` and are no part of the sums.",
        find=controls.find_till_report,
        figures=(money("opening", N_("Opening")), money("closing", N_("Closing"))),
        tables=(
            Table("tills", N_("Drawers"), controls.TILLS),
            Table("lines", N_("Movements"), controls.TILL_LINES),
        ),
    ),
    Definition(
        name="bank-reconciliation",
        title=N_("Bank reconciliation"),
        room="cash",
        rule="For each bank account with a statement that ends by `as_of`, at the end of the newest one "
        "(`on`): `book_balance` + `only_bank` - `only_books` + `opening_difference` + `unexplained` = "
        "`statement_balance`. `lines` are those that only one side has.",
        find=controls.find_bank_reconciliation,
        figures=(count("accounts_reconciled", N_("Accounts")), money("unexplained", N_("Unexplained"))),
        tables=(
            Table("accounts", N_("Accounts"), controls.BANK_ACCOUNTS),
            Table("lines", N_("Only on one side"), controls.BANK_LINES),
        ),
        asks=("account",),
    ),
    Definition(
        name="inter-branch-unmatched",
        title=N_("Transfers without their other side"),
        room="cash",
        rule="Transfers between offices of which the two sides do not agree, the oldest first: `booked` is "
        "what `office` has on `other` (a claim is above zero), `answered` what `other` has on `office`, "
        "`open` their sum: it stays on the consolidated inter-branch account. A branch has only its own "
        "side, so there each transfer is open; headquarters sees both.",
        find=controls.find_unmatched,
        figures=(
            count("count", N_("Transfers")),
            money("open", N_("Still open")),
            count("oldest_days", N_("Oldest, days")),
        ),
        tables=(Table("transfers", "", controls.UNMATCHED),),
    ),
)
