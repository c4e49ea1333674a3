"""Reading a decoded map field by field, each with its type and bounds; nothing missing, nothing left over."""

from collections.abc import Callable
from typing import Final, Self, TypeVar, cast

from sync.canonical import INT_MAX, Plain, decode
from sync.reasons import refused

T = TypeVar("T")
MAX_TEXT_CHARACTERS: Final = 2_000


class Fields:
    """The fields of one map.  Each is taken once; ``finish`` refuses what nobody asked for."""

    def __init__(self, value: Plain, what: str) -> None:
        """Take a decoded map; ``what`` names it in refusals (``the manifest``)."""
        if type(value) is not dict:
            raise refused("NON_CANONICAL", f"{what} is not a map.")
        self._left: dict[str, Plain] = {str(key): item for key, item in value.items()}
        self._what = what

    @classmethod
    def of_bytes(cls, data: bytes, what: str, *, limit_bytes: int) -> Self:
        """The fields of canonical bytes."""
        return cls(decode(data, limit_bytes=limit_bytes), what)

    def holds(self, name: str) -> bool:
        """Whether the field is there and was not taken yet: for what only some writers say."""
        return name in self._left

    def version(self, known: int) -> None:
        """Take ``v``, which must be ``known``; else UNKNOWN_VERSION."""
        if self._take("v") != known:
            raise refused("UNKNOWN_VERSION", f"Of {self._what}.")

    def whole(self, name: str, *, low: int = 0, high: int = INT_MAX) -> int:
        """A whole number within bounds."""
        number = self._take(name)
        if type(number) is not int:
            raise self._odd(name, "a whole number")
        if not low <= number <= high:
            raise refused("LIMIT_NUMBER", f"{name} in {self._what} is not from {low} to {high}.")
        return number

    def text(self, name: str, *, limit: int = MAX_TEXT_CHARACTERS) -> str:
        """Text of at most ``limit`` characters."""
        text = self._take(name)
        if type(text) is not str or len(text) > limit:
            raise self._odd(name, f"text of at most {limit} characters")
        return text

    def raw(self, name: str, *, size: int | None = None, limit: int | None = None) -> bytes:
        """Bytes, of exactly ``size`` or at most ``limit``."""
        value = self._take(name)
        if type(value) is not bytes or len(value) != (len(value) if size is None else size):
            raise self._odd(name, "bytes" if size is None else f"{size} bytes")
        if limit is not None and len(value) > limit:
            raise refused("LIMIT_SIZE", f"{name} in {self._what}.")
        return value

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self._take(name)
        if type(value) is not bool:
            raise self._odd(name, "true or false")
        return value

    def each(self, name: str, read: Callable[[Plain], T], *, limit: int) -> tuple[T, ...]:
        """A list of at most ``limit`` entries, each as ``read`` makes it."""
        value = self._take(name)
        if type(value) is not list:
            raise self._odd(name, "a list")
        if len(value) > limit:
            raise refused("LIMIT_SIZE", f"{name} in {self._what} has more than {limit} entries.")
        return tuple(map(read, value))

    def mapping(self, name: str, read: Callable[[Plain], T], *, limit: int) -> dict[str, T]:
        """A map with text keys."""
        entries = self._map_of(name, str, limit)
        return {cast("str", key): read(item) for key, item in entries.items()}

    def numbered(self, name: str, read: Callable[[Plain], T], *, limit: int) -> dict[int, T]:
        """A map with whole numbers as keys."""
        entries = self._map_of(name, int, limit)
        return {cast("int", key): read(item) for key, item in entries.items()}

    def choice(self, name: str, words: tuple[str, ...]) -> str:
        """One of ``words``."""
        word = self.text(name)
        if word not in words:
            raise self._odd(name, f"one of {', '.join(words)}")
        return word

    def one(self, name: str, read: Callable[[Plain], T]) -> T:
        """What ``read`` makes of the field."""
        return read(self._take(name))

    def optional(self, name: str, read: Callable[[Plain], T]) -> T | None:
        """What ``read`` makes of the field, or None for null."""
        value = self._take(name)
        return None if value is None else read(value)

    def finish(self) -> None:
        """Refuse fields that were not taken."""
        if self._left:
            raise refused(
                "NON_CANONICAL", f"{self._what} has unknown fields: {', '.join(sorted(self._left))[:80]}."
            )

    def _map_of(self, name: str, kind: type, limit: int) -> dict[object, Plain]:
        value = self._take(name)
        if type(value) is not dict or not all(type(key) is kind for key in value):
            raise self._odd(name, "a map")
        if len(value) > limit:
            raise refused("LIMIT_SIZE", f"{name} in {self._what} has more than {limit} entries.")
        return cast("dict[object, Plain]", value)

    def _take(self, name: str) -> Plain:
        if name not in self._left:
            raise refused("NON_CANONICAL", f"{self._what} lacks {name}.")
        return self._left.pop(name)

    def _odd(self, name: str, wanted: str) -> Exception:
        return refused("NON_CANONICAL", f"{name} in {self._what} is not {wanted}.")
