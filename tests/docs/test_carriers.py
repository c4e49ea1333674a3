"""The page about carriers names every setting, with its default and what it may be."""

from pathlib import Path

import pytest

from sync.carriers.settings import SETTINGS

PAGE = (Path(__file__).parents[2] / "docs" / "carriers.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_stands_on_the_page_as_it_is(name: str) -> None:
    spec = SETTINGS[name]
    (line,) = [line for line in PAGE.splitlines() if line.startswith(f"| `{name}` |")]
    assert spec.help in line
    assert f"| `{spec.default}` |" in line or not spec.default
    assert all(f"`{choice}`" in line for choice in spec.choices if choice)
