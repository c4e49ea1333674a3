"""Log-ins and rights."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from banking import users
from banking.errors import (
    BadValueError,
    LockedOutError,
    MissingError,
    UsernameTakenError,
    WeakPasswordError,
    WrongPasswordError,
)
from ledger.errors import NotFoundError
from schema.people import User
from schema.replication import AuditLog, Credential
from tests.support.books import Books
from tests.support.lending import row_counts


@pytest.fixture
def mary(books: Books) -> int:
    """Give a clerk with the password "Wanjiku-1"."""
    with books.work() as session:
        return users.create_user(session, "Mary", "Mary Wekesa", "clerk", "Wanjiku-1").id


def log_in(books: Books, password: str = "Wanjiku-1", username: str = "mary") -> User:
    with books.database.writing() as session:
        return users.authenticate(session, username, password, books.now)


def test_a_user_logs_in_by_name_in_any_capitals_and_password(books: Books, mary: int) -> None:
    assert log_in(books).id == mary
    assert log_in(books, username=" MARY ").full_name == "Mary Wekesa"


def test_the_password_is_kept_as_a_slow_hash_and_in_no_op(books: Books, mary: int) -> None:
    with books.look() as session:
        credential = session.get_one(Credential, mary)
    assert credential.password_hash.startswith("$argon2id$")
    with books.work() as session:
        users.create_user(session, "john", "John", "cashier", "another-one")
        written = repr(session.info["satchel.act"].ops)
    assert "argon2" not in written
    assert "another-one" not in written


@pytest.mark.parametrize("username", ["mary", "nobody"])
def test_a_wrong_password_and_an_unknown_name_look_the_same(books: Books, mary: int, username: str) -> None:
    with pytest.raises(WrongPasswordError) as refusal:
        log_in(books, "wrong", username)
    assert str(refusal.value) == "The name or the password is wrong."
    assert refusal.value.facts == {}


def test_five_wrong_passwords_lock_for_five_minutes(books: Books, mary: int) -> None:
    """Each wrong try counts although its refusal leaves the session; the right password does not help."""
    for _ in range(users.WRONG_TRIES):
        with pytest.raises(WrongPasswordError):
            log_in(books, "wrong")
    with pytest.raises(LockedOutError) as refusal:
        log_in(books)
    assert refusal.value.facts == {"minutes": 5}
    books.now += timedelta(minutes=4, seconds=59)
    with pytest.raises(LockedOutError):
        log_in(books)
    books.now += timedelta(seconds=1)
    assert log_in(books).id == mary


def test_a_log_in_forgets_the_wrong_tries_before_it(books: Books, mary: int) -> None:
    for _ in range(3):
        for _ in range(users.WRONG_TRIES - 1):
            with pytest.raises(WrongPasswordError):
                log_in(books, "wrong")
        log_in(books)


def test_a_new_password_ends_a_lock_out(books: Books, mary: int) -> None:
    for _ in range(users.WRONG_TRIES):
        with pytest.raises(WrongPasswordError):
            log_in(books, "wrong")
    with books.work() as session:
        users.set_password(session, mary, "new-secret")
    assert log_in(books, "new-secret").id == mary
    with pytest.raises(WrongPasswordError):
        log_in(books)


def test_a_disabled_user_does_not_get_in_but_stays_known(books: Books, mary: int) -> None:
    with books.work() as session:
        users.disable(session, mary)
    with pytest.raises(WrongPasswordError):
        log_in(books)
    with books.look() as session:
        assert [user.state for user in users.list_users(session)] == ["disabled"]


def test_a_user_who_came_in_a_bundle_has_no_password_here(books: Books, mary: int) -> None:
    with books.database.writing() as session:
        session.delete(session.get_one(Credential, mary))
    with pytest.raises(WrongPasswordError):
        log_in(books)


def test_tries_are_written_into_the_log_without_what_was_typed(books: Books, mary: int) -> None:
    log_in(books)
    with pytest.raises(WrongPasswordError):
        log_in(books, "wrong", "my-password-typed-as-name")
    with books.look() as session:
        rows = session.scalars(select(AuditLog).order_by(AuditLog.id)).all()
    assert [(row.what, row.user_id, row.subject) for row in rows] == [
        ("login", mary, ""),
        ("login.refused", None, ""),
    ]


def test_bad_users_are_refused_by_name_and_nothing_is_written(books: Books, mary: int) -> None:
    before = row_counts(books)
    for fields, refusal in (
        (("mary", "Other", "clerk", "long-enough"), UsernameTakenError),
        (("MARY", "Other", "clerk", "long-enough"), UsernameTakenError),
        (("x", "Other", "king", "long-enough"), BadValueError),
        (("x", "Other", "clerk", "short"), WeakPasswordError),
        (("x", "Other", "clerk", "x" * 1025), WeakPasswordError),
        (("", "Other", "clerk", "long-enough"), MissingError),
        (("two words", "Other", "clerk", "long-enough"), BadValueError),
        (("x", " ", "clerk", "long-enough"), MissingError),
    ):
        with pytest.raises(refusal), books.work() as session:
            users.create_user(session, *fields)
    for act in (users.disable, lambda s, i: users.set_role(s, i, "clerk")):
        with pytest.raises(NotFoundError), books.work() as session:
            act(session, 7)
    assert row_counts(books) == before


def test_roles_have_the_rights_of_the_table_and_no_others(books: Books, mary: int) -> None:
    assert users.may("cashier", "money.post")
    assert not users.may("auditor", "money.post")
    assert not users.may("clerk", "loans.approve")
    assert all(roles <= set(users.ROLES) for roles in users.PERMISSIONS.values())
    assert all(users.may("admin", permission) for permission in users.PERMISSIONS)
    with pytest.raises(KeyError):
        users.may("admin", "no.such.permission")
    with books.work() as session:
        assert users.set_role(session, mary, "manager").role == "manager"
        with pytest.raises(BadValueError):
            users.set_role(session, mary, "king")
