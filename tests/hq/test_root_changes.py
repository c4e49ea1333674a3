"""The institution's root: k of n sign on PCs of their own, versions only rise, branches follow."""

from dataclasses import replace
from pathlib import Path

import pytest

from hq.root_changes import accept, add_key, new_key, sign
from ledger.errors import TrustError
from sync.home import Home
from sync.root import Draft, follow
from sync.roots import keep_root, newest_root
from sync.signing import SigningKey
from tests.support.institution import HQ, TestInstitution, passphrase_of


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> TestInstitution:
    """A branch that headquarters has confirmed."""
    made = TestInstitution.create(tmp_path_factory.mktemp("roots") / "bank")
    made.receive(made.send("KIT")[0])
    made.confirm("KIT")
    return made


def test_two_of_three_change_the_root_and_the_branch_follows(bank: TestInstitution, tmp_path: Path) -> None:
    """One signature is not enough; the branch takes the new version from a return bundle."""
    home, draft = Home.at(bank.root / HQ), tmp_path / "root.draft"
    for name in ("second", "third"):
        public = new_key(tmp_path / name, f"passphrase of {name}")
        add_key(home, draft, "root", public.hex())
    add_key(home, draft, "officer", public.hex(), threshold=2)
    with pytest.raises(TrustError) as early:
        accept(home, draft)
    assert early.value.code == "BAD_SIGNATURE"
    sign(draft, home.root / "root.key", passphrase_of(HQ))
    with pytest.raises(TrustError) as alone:
        accept(home, draft)
    assert alone.value.code == "BAD_SIGNATURE"
    sign(draft, tmp_path / "second", "passphrase of second")
    assert accept(home, draft).version == 2
    bank.answer("KIT")
    assert newest_root(Home.at(bank.root / "KIT")) == newest_root(home)
    with pytest.raises(TrustError) as again:
        accept(home, draft)
    assert again.value.code == "ROOT_BEHIND"


def test_a_root_that_others_signed_is_refused(bank: TestInstitution) -> None:
    """A thief's own threshold counts for nothing."""
    thief, now = SigningKey.generate(), newest_root(Home.at(bank.root / HQ))
    forged = replace(now, version=now.version + 1, threshold=1, root_keys=(thief.public,))
    with pytest.raises(TrustError) as refused:
        follow(now, Draft(forged, ()).signed_by(thief).to_bytes())
    assert refused.value.code == "BAD_SIGNATURE"


def test_a_branch_believes_headquarters_only_under_a_root_that_it_knows(
    bank: TestInstitution, tmp_path: Path
) -> None:
    """A version that is missing in between, and a key that the newest root does not name."""
    bank = bank.copy_to(tmp_path / "bank")
    here = Home.at(bank.root / HQ)
    keys = [SigningKey.generate() for _ in range(2)]
    first = replace(newest_root(here), version=newest_root(here).version + 1)
    unnamed = replace(first, daily=(keys[0].public,), officer=(keys[0].public,))
    keep_root(
        here,
        Draft(replace(unnamed, threshold=1, root_keys=(keys[0].public,)), ()).signed_by(keys[0]).to_bytes(),
    )
    (result,) = bank.answer("KIT")
    assert result.code == "BAD_SIGNATURE"
    here.root_keys_of(first.version).write_bytes(here.root_keys_of(1).read_bytes())
    (result,) = bank.answer("KIT")
    assert result.code == "ROOT_BEHIND"
