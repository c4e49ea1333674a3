"""Return bundles: headquarters' answers to a branch."""

from pathlib import Path

from sync.receiving import FINE
from tests.support.institution import TestInstitution


def test_an_answer_without_news_can_be_read(tmp_path: Path) -> None:
    """When headquarters has nothing new in any chain, its bundle still carries the acknowledgements."""
    institution = TestInstitution.create(tmp_path)
    folder, _ = institution.send("KIT")
    institution.receive(folder)
    institution.confirm("KIT")
    institution.answer("KIT")
    for _ in range(2):
        [result] = institution.answer("KIT")
        assert result.verdict in FINE, result.detail
        assert [ack.device for ack in result.manifests[-1].acks] == [2, 2]
