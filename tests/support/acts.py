"""Acts as the command line runs them, for tests of any room."""

import json
from pathlib import Path
from typing import Any

import pytest

from satchel import cli


class ActsRunner:
    """Runs ``satchel branch act`` or ``satchel hq act`` on a home and reads the one document."""

    def __init__(self, edition: str, home: Path, passphrase: str, capsys: pytest.CaptureFixture[str]) -> None:
        """Keep the home and write its passphrase where the command can read it."""
        self.start = [edition, "act", "--home", str(home), "--json"]
        self.secret = home.parent / f"{home.name}.passphrase"
        self.secret.write_text(passphrase, encoding="utf-8")
        self.capsys = capsys

    def run(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        """Run one call; gives its exit status and its document."""
        self.capsys.readouterr()
        status = cli.main([*self.start, "--passphrase-file", str(self.secret), *arguments])
        document = json.loads(self.capsys.readouterr().out)
        assert isinstance(document, dict)
        return status, document

    def do(self, name: str, /, **fields: object) -> dict[str, Any]:
        """Do one act that must succeed; gives its result."""
        status, document = self.run(name, *(f"{field}={value}" for field, value in fields.items()))
        assert status == 0, document
        result = document["acts"][0]["result"]
        assert isinstance(result, dict)
        return result

    def publishes(self, name: str, /, **fields: object) -> dict[str, Any]:
        """Do one act of headquarters that must be published; gives its result without the publication."""
        result = self.do(name, **fields)
        assert result.pop("publication") > 0
        assert result.pop("changes")
        return result

    def refused(self, name: str, /, **fields: object) -> list[tuple[str, str]]:
        """Do one act that must be refused; gives field and code of each reason."""
        status, document = self.run(name, *(f"{field}={value}" for field, value in fields.items()))
        assert status == 1, document
        return [(fault["field"], fault["code"]) for fault in document["errors"]]
