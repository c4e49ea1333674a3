"""Savings by name: from the opening to the close, and everything beside an account, by the command line."""

from pathlib import Path

import pytest

from schema.people import Client
from tests.support.acts import ActsRunner
from tests.support.branch_home import PASSPHRASE, Clock, Known, copy_homes, make_homes, opened


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Known]:
    """A branch that each test gets a copy of."""
    folder = tmp_path_factory.mktemp("homes")
    return folder, make_homes(folder)


@pytest.fixture
def homes(made: tuple[Path, Known], tmp_path: Path) -> Path:
    return copy_homes(made[0], tmp_path / "homes")


@pytest.fixture
def acts(homes: Path, capsys: pytest.CaptureFixture[str]) -> ActsRunner:
    return ActsRunner("branch", homes / "branch", PASSPHRASE, capsys)


@pytest.fixture
def people(made: tuple[Path, Known], homes: Path) -> tuple[str, str]:
    """Numbers of two clients."""
    with opened(homes / "branch", Clock()) as branch, branch.database.reading() as session:
        return tuple(session.get_one(Client, one).number for one in (made[1].client, made[1].other))  # type: ignore[return-value]  # the test knows its type


def test_an_account_by_name_from_its_opening_to_its_end(acts: ActsRunner, people: tuple[str, str]) -> None:
    """Opened, paid in, moved, held, released, taken out, closed and opened again."""
    one = acts.do("savings.open", client=people[0], product="SAVE", on="2026-11-20")
    two = acts.do("savings.open", client=people[1], product="SAVE", on="2026-11-20")
    assert (one["status"], one["balance"], one["holders"]) == ("active", "0.00", [people[0]])
    first, second = one["account"], two["account"]
    paid_in = acts.do("savings.deposit", account=first, amount="100.00", till=1)
    assert (paid_in["kind"], paid_in["balance"]) == ("deposit", "100.00")
    assert paid_in["receipt"].startswith("KIT-1-")
    kept = acts.do("savings.hold", account=first, amount="60.00", reason="guarantee")
    assert acts.refused("savings.transfer", account=first, to=second, amount="50.00") == [("", "HELD")]
    acts.do("savings.release", hold=kept["hold"])
    legs = acts.do("savings.transfer", account=first, to=second, amount="50.00")["movements"]
    assert [leg["amount"] for leg in legs] == ["-50.00", "50.00"]
    acts.do("savings.reverse", transaction=legs[0]["transaction"], reason="wrong account")
    assert acts.do("savings.show", account=first)["available"] == "100.00"
    acts.do("savings.withdraw", account=first, amount="10.00", till=1)
    closed = acts.do("savings.close", account=first, till=1)["movements"]
    assert closed[-1]["amount"] == "-90.00"
    assert acts.refused("savings.deposit", account=first, amount="1.00") == [("", "STATUS")]
    assert acts.do("savings.reopen", account=first, reason="by mistake")["balance"] == "90.00"


def test_holders_and_instructions_by_name(acts: ActsRunner, people: tuple[str, str]) -> None:
    account = acts.do("savings.open", client=people[0], product="SAVE", on="2026-11-20")["account"]
    target = acts.do("savings.open", client=people[1], product="SAVE", on="2026-11-20")["account"]
    shown = acts.do("savings.add_holder", account=account, client=people[1])["holders"]
    assert [(one["client"], one["first"]) for one in shown] == [(people[0], True), (people[1], False)]
    assert len(acts.do("savings.remove_holder", account=account, client=people[1])["holders"]) == 1
    order = acts.do(
        "standing.add", account=account, to=target, amount="5.00", unit="WEEKS", first_on="2026-11-23"
    )
    assert (order["state"], order["next_on"]) == ("active", "2026-11-23")
    assert acts.refused("standing.add", account=account, to=account, amount="5.00") == [("", "BAD_VALUE")]
    assert acts.do("standing.cancel", instruction=order["instruction"])["state"] == "cancelled"


def test_terms_of_an_account_and_its_interest_by_name(acts: ActsRunner, people: tuple[str, str]) -> None:
    """36,500.00 at 10 % for three days, compounded daily: 30.01."""
    account = acts.do("savings.open", client=people[0], product="SAVE", on="2026-11-01", annual_rate="10")[
        "account"
    ]
    acts.do("savings.deposit", account=account, amount="36500.00", on="2026-11-20", till=1)
    posted = acts.do("savings.post_interest", account=account, until="2026-11-22", to_the_day="yes")
    assert [row["amount"] for row in posted["movements"]] == ["30.01"]
    changed = acts.do("savings.change", account=account, on="2026-11-23", annual_rate="12")
    assert (changed["annual_rate"], changed["interest_to"]) == ("12", "2026-11-22")
    assert acts.refused("savings.change", account=account, overdraft_limit="5.00") == [("", "SAVINGS_LIMIT")]
    assert acts.do("savings.expected", account=account)["expected"] == []
