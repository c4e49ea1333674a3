"""What a laptop says that may book nothing more, and the code that headquarters reads out."""

from pathlib import Path

from sync import read_only
from sync.export import write_branch_bundle
from sync.inbox import import_paths
from sync.installation import Installation
from sync.phone_codes import code_for
from tests.branch.pages.conftest import LogIn, tokens
from tests.support.branch_home import Clock, opened


def test_a_stopped_laptop_says_how_it_goes_on(log_in: LogIn, branch: Installation) -> None:
    """The page Restore names the ways; nothing can be booked until one was taken."""
    with branch.exclusive() as session:
        read_only.stop(session, "CHAIN_RESTORED", "It confirms entry 99.", device=branch.facts.device)
    branch.look_up_state()
    moses = log_in("moses")
    assert "/status/restore" in moses.get("/status").text
    page = moses.get("/status/restore").text
    assert "It confirms entry 99." in page
    assert "satchel branch renumber" in page


def test_a_code_by_telephone_is_taken_on_the_page_send(
    log_in: LogIn, homes: Path, branch: Installation, clock: Clock, tmp_path: Path
) -> None:
    """A wrong digit is named; the right code says where the next bundle starts."""
    stick = tmp_path / "stick"
    stick.mkdir()
    written = write_branch_bundle(branch, stick)
    with opened(homes / "hq", clock) as headquarters:
        import_paths(headquarters, [stick])
        with headquarters.database.reading() as session:
            member = headquarters.roster(session).find(branch.facts.device)
            assert member is not None
            code = code_for(headquarters, session, member, again=False).grouped
    moses = log_in("moses")
    wrong = f"{code[:-1]}{(int(code[-1]) + 1) % 10}"
    answer = moses.post("/send/arrival", data=tokens(moses, "/send") | {"code": wrong})
    assert answer.status_code == 422
    assert "A digit of the code is wrong." in answer.text
    answer = moses.post("/send/arrival", data=tokens(moses, "/send") | {"code": code})
    assert answer.status_code == 303
    page = moses.get(answer.location or "").text
    assert f"The next bundle starts after entry {written.last_seq}." in page
