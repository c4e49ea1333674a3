"""Whatever moves between vault, tills, bank and clients: cash is conserved, and every sheet adds up."""

from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from banking import cash, cash_counts, savings, vault
from banking.books import ManualLine, post_manual, reverse_manual
from banking.cash_counts import Counted
from banking.till_cash import drawers_of, till_cash
from banking.till_sheets import TillSheet, branch_sheet, office_sheets
from banking.vault import CashMove
from ledger.errors import RuleError
from ledger.money import ZERO, Money, total
from schema.accounting import JournalEntry
from schema.accounts import SavingsTransaction
from schema.cash import CashMovement
from tests.support.books import Books, copy_of
from tests.support.cash import a_vault
from tests.support.lending import DAY, an_account, balances, broken

KINDS = ("float", "settle", "handover", "to_bank", "from_bank", "pay", "receive")
steps = st.lists(
    st.tuples(
        st.sampled_from((*KINDS, "count", "deposit", "withdraw", "reverse", "manual", "next_day")),
        st.integers(0, 2),
        st.integers(0, 2),
        st.integers(1, 60_000),
    ),
    min_size=1,
    max_size=25,
)


class Teller:
    """Does one step after the other with a vault and two tills on one account."""

    def __init__(self, books: Books) -> None:
        self.books, self.on = books, DAY
        vault_id = a_vault(books, "500")
        with books.work() as session:
            second = cash.create_till(session).id
        self.drawers = (books.till_id, second, vault_id)
        self.account = an_account(books).id

    def do(self, step: tuple[str, int, int, int]) -> None:
        """Try one step; what a rule refuses leaves nothing behind."""
        before = balances(self.books)
        try:
            self._try(*step)
        except RuleError:
            assert balances(self.books) == before

    def _try(self, name: str, one: int, other: int, minor: int) -> None:
        amount, drawer = Money(minor), self.drawers[one]
        if name == "next_day":
            self.on += timedelta(days=1)
            return
        with self.books.work() as session:
            if name == "count":
                counted = Counted(amount=Money(minor % 40_000))
                cash_counts.count_till(session, drawer, counted, self.on, reason="counted")
            elif name == "deposit":
                savings.deposit(session, self.account, amount, self.on, till_id=drawer)
            elif name == "withdraw":
                savings.withdraw(session, self.account, amount, self.on, till_id=drawer)
            elif name == "manual":
                self._entry_without_till(session, amount)
            elif name == "reverse":
                moved = session.scalars(select(CashMovement).order_by(CashMovement.id)).all()
                chosen = moved[minor % len(moved)]
                vault.reverse_move(session, chosen.id, reason="wrong", on=self.on)
            else:
                vault.move_cash(session, self._move(name, drawer, self.drawers[other], amount), self.on)

    def _entry_without_till(self, session: Session, amount: Money) -> None:
        lines = (ManualLine("1110", debit=amount), ManualLine("3100", credit=amount))
        post_manual(session, lines, value_date=self.on, note="shares")

    def _move(self, kind: str, giver: int, taker: int, amount: Money) -> CashMove:
        into, out = kind in {"from_bank", "receive"}, kind in {"to_bank", "pay"}
        code = {"to_bank": "1130", "from_bank": "1130", "pay": "5330", "receive": "4120"}.get(kind, "")
        return CashMove(
            kind=kind,
            amount=amount,
            from_till_id=None if into or kind == "float" else giver,
            to_till_id=None if out or kind == "settle" else taker,
            gl_code=code,
            note="x",
        )

    def sheets(self) -> list[TillSheet]:
        """Give the reports of the last day."""
        with self.books.look() as session:
            return office_sheets(session, self.books.office_id, self.on)

    def held(self) -> list[Money]:
        """Give what each drawer holds."""
        with self.books.look() as session:
            tills = drawers_of(session, self.books.office_id)
            now = [till_cash(session, till) for till in tills]
            assert now == [till_cash(session, till, self.on + timedelta(days=1)) for till in tills]
            return now


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(work=steps)
def test_cash_is_conserved_and_every_sheet_adds_up(
    new_books: Books, tmp_path: Path, work: list[tuple[str, int, int, int]]
) -> None:
    """What the drawers hold is what the books have on their accounts, however one adds up."""
    teller = Teller(copy_of(new_books, tmp_path))
    for step in work:
        teller.do(step)
    there = balances(teller.books)
    held = teller.held()
    assert total(held) == there.get("Cash in hand", ZERO) + there.get("Vault", ZERO)
    sheets = teller.sheets()
    assert [sheet.closing for sheet in (sheets[0], sheets[1], sheets[2])] == [held[0], held[2], held[1]]
    for sheet in (*sheets, branch_sheet("all", teller.on, sheets)):
        moved = sheet.received - sheet.paid_out + sheet.floats_in - sheet.floats_out + sheet.other
        moved += sheet.from_bank - sheet.to_bank + sheet.over_short
        assert sheet.opening + moved == sheet.closing
    whole = branch_sheet("all", teller.on, sheets)
    assert whole.floats_in == whole.floats_out
    assert broken(teller.books) == []
    teller.books.database.close()


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(work=steps)
def test_taking_everything_back_leaves_only_what_counts_found(
    new_books: Books, tmp_path: Path, work: list[tuple[str, int, int, int]]
) -> None:
    """Movements, deposits and entries go back, newest first; without counts each account is at zero."""
    teller = Teller(copy_of(new_books, tmp_path))
    for step in work:
        if step[0] != "count":
            teller.do(step)
    books = teller.books
    with books.work() as session:
        reversed_ids = set(session.scalars(select(JournalEntry.reverses_id)))
        movements = {row.journal_entry_id: row for row in session.scalars(select(CashMovement))}
        saved = {row.journal_entry_id: row for row in session.scalars(select(SavingsTransaction))}
        live = select(JournalEntry).where(JournalEntry.reverses_id.is_(None)).order_by(JournalEntry.id.desc())
        for entry in session.scalars(live).all():
            if entry.id in reversed_ids:
                continue
            if entry.id in movements:
                vault.reverse_move(session, movements[entry.id].id, reason="back", on=teller.on)
            elif entry.id in saved:
                savings.reverse(session, saved[entry.id], reason="back", on=teller.on)
            else:
                reverse_manual(session, entry.id, reason="back", on=teller.on)
    assert balances(books) == {}
    assert teller.held() == [ZERO, ZERO, ZERO]
    assert broken(books) == []
    books.database.close()
