"""What must not stand in a file that is kept."""

import re

import pytest

from tests.house.tree import ROOT, kept_files

# in pieces, so that this file does not contain them
FORBIDDEN = {
    "a path of somebody's machine": r"(?<!\w)/"
    r"work/|/tmp/"
    r"notes|(?<!\w)/home/\w+/|(?<!\w)/"
    r"root/",
    "a host of a package registry": r"py"
    r"pi\.org|python"
    r"hosted\.org|npm"
    r"js\.(org|com)|deb\.deb"
    r"ian\.org",
    "an index of packages": r"--(extra-)?index-"
    r"url|--trusted-"
    r"host|--find-"
    r"links",
    "an unfinished merge": r"(?m)^<{7} |^>{7} ",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_kept_files_do_not_contain(what: str) -> None:
    """Nothing private, and nothing that ties an installation to one registry, is in version control."""
    pattern = re.compile(FORBIDDEN[what].encode())
    found = [path for path in kept_files() if pattern.search((ROOT / path).read_bytes())]
    assert found == []


def test_locks_name_no_host_and_no_path() -> None:
    """A lock holds names, versions, markers and hashes, and nothing of the machine where it was written."""
    line = re.compile(r"[a-z0-9.-]+==[^\s;]+( ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
    locks = [path for path in kept_files() if path.startswith("installer/locks/")]
    assert len(locks) == 2
    for path in locks:
        strange = [text for text in (ROOT / path).read_text().splitlines() if not line.fullmatch(text)]
        assert strange == [], path
