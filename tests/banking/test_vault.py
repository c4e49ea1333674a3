"""Cash between vault, tills and bank."""

import pytest

from banking import cash, tills, vault
from banking.cash_errors import (
    CashLimitError,
    CashPlacesError,
    CountMismatchError,
    NoVaultError,
    TillCashError,
)
from banking.errors import (
    AlreadyReversedError,
    BadValueError,
    ManualEntryError,
    MissingError,
    NotReversibleError,
    SecondPersonNeededError,
    TillClosedError,
)
from banking.vault import reverse_move
from ledger.errors import AmountError, NotFoundError, RuleError
from ledger.money import ZERO
from schema.accounting import JournalEntry
from tests.support.books import Books, money
from tests.support.cash import a_limit, a_user, a_vault, count, held, move
from tests.support.lending import DAY, balances, broken, row_counts


def test_cash_goes_from_the_bank_through_vault_and_till_and_back(books: Books) -> None:
    """Each movement has its entry; what nobody holds any more is in no drawer."""
    safe = a_vault(books, "1000")
    floated = move(books, "float", "300", to_till_id=books.till_id, pieces="100x3")
    assert (floated.from_till_id, floated.to_till_id, floated.pieces) == (safe, books.till_id, "10000x3")
    assert (held(books, safe), held(books, books.till_id)) == (money("700"), money("300"))
    move(books, "pay", "20", from_till_id=books.till_id, gl_code="5330", note="bus to the village")
    move(books, "receive", "5", to_till_id=books.till_id, gl_code="4120", note="old paper sold")
    move(books, "settle", "285", from_till_id=books.till_id)
    move(books, "to_bank", "985", from_till_id=safe, gl_code="1130")
    assert (held(books, safe), held(books, books.till_id)) == (ZERO, ZERO)
    assert balances(books) == {
        "Bank": money("-15"),
        "Transport": money("20"),
        "Fees on loans": money("-5"),
    }
    assert broken(books) == []


def test_tills_on_one_account_hand_cash_over(books: Books) -> None:
    a_vault(books, "100")
    with books.work() as session:
        second = cash.create_till(session).id
    move(books, "float", "100", to_till_id=books.till_id)
    move(books, "handover", "40", from_till_id=books.till_id, to_till_id=second)
    assert (held(books, books.till_id), held(books, second)) == (money("60"), money("40"))
    assert balances(books)["Cash in hand"] == money("100")
    assert broken(books) == []


def test_movements_that_cannot_be_are_refused_by_name_and_leave_nothing(books: Books) -> None:
    with pytest.raises(NoVaultError):
        move(books, "float", "1", to_till_id=books.till_id)
    safe = a_vault(books, "100")
    till = books.till_id
    with books.work() as session:
        retired = cash.create_till(session).id
        tills.retire_till(session, retired)
    before = row_counts(books)
    cases: list[tuple[str, str, dict[str, object], type[RuleError]]] = [
        ("float", "100.01", {"to_till_id": till}, TillCashError),
        ("settle", "1", {"from_till_id": till}, TillCashError),
        ("float", "1", {"to_till_id": till, "pieces": "2x1"}, CountMismatchError),
        ("float", "0", {"to_till_id": till}, AmountError),
        ("float", "1", {}, NotFoundError),
        ("float", "1", {"to_till_id": retired}, TillClosedError),
        ("float", "1", {"to_till_id": safe}, CashPlacesError),
        ("float", "1", {"to_till_id": till, "gl_code": "1130"}, CashPlacesError),
        ("float", "1", {"from_till_id": till, "to_till_id": till}, CashPlacesError),
        ("handover", "1", {"from_till_id": safe, "to_till_id": till}, CashPlacesError),
        ("handover", "1", {"to_till_id": till}, NotFoundError),
        ("steal", "1", {"to_till_id": till}, BadValueError),
        ("pay", "1", {"from_till_id": safe, "gl_code": "5330"}, MissingError),
        ("pay", "1", {"from_till_id": safe, "gl_code": "5000", "note": "x"}, ManualEntryError),
        ("pay", "1", {"from_till_id": safe, "gl_code": "1210", "note": "x"}, ManualEntryError),
        ("pay", "1", {"from_till_id": safe, "gl_code": "1110", "note": "x"}, CashPlacesError),
        (
            "pay",
            "1",
            {"from_till_id": safe, "to_till_id": till, "gl_code": "5330", "note": "x"},
            CashPlacesError,
        ),
        ("to_bank", "1", {"from_till_id": safe, "gl_code": "5330"}, CashPlacesError),
        ("to_bank", "1", {"from_till_id": safe, "gl_code": "9"}, NotFoundError),
        ("to_bank", "1", {"from_till_id": safe}, NotFoundError),
    ]
    for kind, amount, places, refusal in cases:
        with pytest.raises(refusal):
            move(books, kind, amount, **places)  # type: ignore[arg-type]  # fields by their names
    assert row_counts(books) == before


def test_a_till_takes_no_float_above_what_it_may_hold(books: Books) -> None:
    a_vault(books, "1000")
    a_limit(books, "till_cash", "200")
    move(books, "float", "200", to_till_id=books.till_id)
    with pytest.raises(CashLimitError) as refusal:
        move(books, "float", "0.01", to_till_id=books.till_id)
    assert refusal.value.facts == {"till": 1, "held": money("200.01"), "limit": money("200")}
    with books.work() as session:
        tills.set_cash_limit(session, books.till_id, money("250"))
    move(books, "float", "50", to_till_id=books.till_id)
    assert held(books, books.till_id) == money("250")


def test_much_cash_is_moved_by_two_people(books: Books) -> None:
    a_vault(books, "1000")
    a_limit(books, "second_person", "100")
    clara = a_user(books, "clara", "cashier")
    with pytest.raises(SecondPersonNeededError):
        move(books, "float", "100", to_till_id=books.till_id)
    moved = move(books, "float", "100", to_till_id=books.till_id, approved_by_id=clara)
    assert moved.approved_by_id == clara
    with books.look() as session:
        assert session.get_one(JournalEntry, moved.journal_entry_id).approved_by_id == clara
    with pytest.raises(SecondPersonNeededError), books.work() as session:
        reverse_move(session, moved.id, reason="not needed", on=DAY)


@pytest.mark.parametrize("kind", sorted(vault.OPPOSITE))
def test_every_movement_can_be_taken_back(books: Books, kind: str) -> None:
    """Drawers and accounts stand as before, and the second time is refused."""
    safe = a_vault(books, "100")
    with books.work() as session:
        second = cash.create_till(session).id
    count(books, books.till_id, "100")
    ends: dict[str, dict[str, object]] = {
        "float": {"to_till_id": books.till_id},
        "settle": {"from_till_id": books.till_id},
        "handover": {"from_till_id": books.till_id, "to_till_id": second},
        "to_bank": {"from_till_id": safe, "gl_code": "1130"},
        "from_bank": {"to_till_id": safe, "gl_code": "1130"},
        "pay": {"from_till_id": books.till_id, "gl_code": "5330", "note": "bus"},
        "receive": {"to_till_id": books.till_id, "gl_code": "4120", "note": "paper"},
    }
    before = balances(books)
    moved = move(books, kind, "60", **ends[kind])  # type: ignore[arg-type]  # fields by their names
    with books.work() as session:
        back = reverse_move(session, moved.id, reason="wrong drawer", on=DAY)
    assert (back.from_till_id, back.to_till_id) == (moved.to_till_id, moved.from_till_id)
    assert balances(books) == before
    assert [held(books, till) for till in (safe, books.till_id, second)] == [money("100"), money("100"), ZERO]
    with pytest.raises(AlreadyReversedError), books.work() as session:
        reverse_move(session, moved.id, reason="again", on=DAY)
    with pytest.raises(NotReversibleError), books.work() as session:
        reverse_move(session, back.id, reason="it was right", on=DAY)
    assert broken(books) == []


def test_cash_that_went_on_is_not_taken_back(books: Books) -> None:
    a_vault(books, "100")
    moved = move(books, "float", "100", to_till_id=books.till_id)
    move(books, "pay", "1", from_till_id=books.till_id, gl_code="5330", note="bus")
    with pytest.raises(TillCashError), books.work() as session:
        reverse_move(session, moved.id, reason="wrong", on=DAY)
    with pytest.raises(NotFoundError), books.hq_work() as session:
        reverse_move(session, moved.id, reason="wrong", on=DAY)
