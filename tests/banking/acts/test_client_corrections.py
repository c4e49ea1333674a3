"""Headquarters' word on a branch's clients, on the command line, carried there and back."""

from sqlalchemy import text

from tests.support.branch_home import opened
from tests.support.pair import Pair

NJERI = "KIT-C-000001"


def _profile(pair: Pair, edition: str) -> tuple[str, str]:
    with opened(pair.root / edition, pair.clock) as home, home.database.reading() as session:
        wanted = text("SELECT name, phone FROM client WHERE number = :number")
        row = session.execute(wanted, {"number": NJERI}).one()
        return (row.name, row.phone)


def test_headquarters_corrects_a_telephone_while_the_branch_changes_the_name(pair: Pair) -> None:
    """Neither knows of the other; after the return bundle both have both, and equal digests."""
    pair.meet()
    done = pair.hq.do("client.correct", client=NJERI, phone="0700 111", reason="told by letter")
    assert done["client"] == NJERI
    pair.branch.do("client.change", client=NJERI, name="Njeri Kamau")
    pair.carry("branch", "hq")
    pair.carry("hq", "branch")
    assert _profile(pair, "branch") == _profile(pair, "hq") == ("Njeri Kamau", "0700 111")
    here = pair.run("branch", "digest")
    there = pair.run("hq", "digest", "--branch", "KIT")
    assert here["digest"] == there["digest"]
    assert pair.run("hq", "verify")["ok"] is True


def test_a_mark_is_taken_off_and_set_again(pair: Pair) -> None:
    """Headquarters has one user only, who may do it alone; what was never set cannot be taken off."""
    pair.branch.do("client.mark", client=NJERI, blacklisted="yes", reason="false papers")
    pair.meet()
    assert pair.hq.refused("client.unmark", client=NJERI, deceased="yes", reason="alive") == [
        ("", "BAD_VALUE")
    ]
    done = pair.hq.do("client.unmark", client=NJERI, blacklisted="yes", reason="the papers were right")
    assert (done["deceased"], done["blacklisted"]) == (0, 0)
    pair.carry("hq", "branch")
    again = pair.branch.do("client.mark", client=NJERI, blacklisted="yes", reason="false again")
    assert again["blacklisted"] == 1
    pair.carry("branch", "hq")
    assert pair.run("hq", "verify")["ok"] is True
    assert pair.hq.do("client.restate", branch="KIT") == {"writes": 0}
