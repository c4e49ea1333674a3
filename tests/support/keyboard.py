"""A keyboard that counts, and knows which keys a numeric pad has."""

from playwright.sync_api import Page

PAD = frozenset({*"0123456789.+-*/", "Enter"})


class CountingKeyboard:
    """Presses keys on a page and counts them; ``pad_only`` refuses what a numeric pad does not have."""

    def __init__(self, page: Page, *, pad_only: bool = False) -> None:
        """Begin at zero."""
        self.page = page
        self.pad_only = pad_only
        self.pressed: list[str] = []

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            assert not self.pad_only or key in PAD, f"a numeric pad has no {key}"
            self.page.keyboard.press(key)
            self.pressed.append(key)

    def type(self, text: str, *after: str) -> None:
        """Type each letter of a text as a key of its own, and further keys after it."""
        self.press(*text, *after)

    @property
    def count(self) -> int:
        """How many keys were pressed."""
        return len(self.pressed)

    @property
    def beside_digits(self) -> int:
        """How many of them were neither a digit nor the decimal point."""
        return sum(key not in set("0123456789.") for key in self.pressed)
