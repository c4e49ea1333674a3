#!/usr/bin/env python3
"""Check a Satchel audit pack without Satchel: Python 3.9 or later and the package ``cryptography``.

    python3 satchel-verify.py PACK [--json]

PACK is the .zip file, or the folder that it was unpacked into. Nothing is changed and nothing is asked over a
network. The answer is a plain report; the exit code is 0 where everything holds, 1 where anything does not.

Written from the published format (bundle-format.md, audit-pack.md) and from nothing else: it shares no line
with the program that makes packs. Section numbers below are those of bundle-format.md.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import re
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import zip_longest
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

INT_MAX = 2**63 - 1
INT_MIN = -(2**63)
MAX_CHANGESET = 1 << 20
MAX_OPS = 5_000
MAX_DEPTH = 16
MAX_FRAME = 8 << 20
MAX_FRAMED = 2_000
MAX_STATEMENT = 2 << 20
MAX_LINE = 1 << 20
MAX_FILES = 1_000_000
DEVICE_MAX = 2**23 - 1
FORMULA_BEGINS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
ID_BITS = 40
SCHEMA = 5
"""Newest revision of row images whose tables are known here."""

Row = dict[str, Any]
Place = tuple[int, bytes]

CHANGESET_KEYS = frozenset(
    """
    v device chain seq prev hlc date actor kind note approvals schema rules reference seen ops
    """.split()
)
CLAIM_KEYS = {"body", "hmac", "signature"}
CLAIMED_KEYS = {"v", "kit", "device", "recipient", "institution", "signing_key"}
REFERENCE = frozenset(
    """
    account_message announcement charge_definition client_transfer client_transfer_part custom_field
    decision device frequent_posting gl_account holiday incarnation institution loan_decision
    loan_product loan_purpose money_limit office payment_account payment_type period product_charge
    product_cycle profile_restatement provision_band provision_table publication role_right
    savings_product savings_rate_step survey survey_band survey_option survey_question user_order
    """.split()
)
"""Tables that headquarters alone writes."""
FACTS = frozenset(
    """
    attendance audit_event bank_statement cash_count cash_movement client_move client_scan
    device_succession group_message inter_branch_leg journal_entry journal_line loan_change loan_charge
    loan_transaction loan_transaction_share message_answer officer_assignment payment_elsewhere
    payment_file savings_transaction survey_answer survey_response
    """.split()
)
"""Tables of branches whose rows never change."""
OWNED = frozenset(
    """
    approval_request bank_statement_line business_day cashier_assignment center client client_field
    client_relative collateral collection_sheet group_role guarantor identity_document incoming_payment
    installment lending_group loan_account loan_member loan_tranche meeting savings_account savings_hold
    savings_holder staff standing_instruction till user_account
    """.split()
)
"""Tables of branches whose rows change."""
OFFICERS = frozenset(["device", "decision", "period", "incarnation"])
"""What only a key of the role ``officer`` writes: roster, bounds, decisions, closes."""


class Refused(Exception):
    """Bytes or a statement that must not be believed; ``code`` is the reason code of section 9."""

    def __init__(self, code: str, what: str) -> None:
        super().__init__(f"{code}: {what}")
        self.code = code
        self.what = what


# ------------------------------------------------------------------------------- canonical CBOR (section 2)


def decode(data: bytes, limit: int = MAX_CHANGESET) -> Any:
    """Give the value that ``data`` is the one canonical encoding of; anything else is refused."""
    if len(data) > limit:
        raise Refused("LIMIT_SIZE", f"{len(data)} bytes; at most {limit}")
    value, end = _value(data, 0, 0)
    if end != len(data):
        raise Refused("NON_CANONICAL", "something follows the value")
    return value


def _head(data: bytes, at: int) -> tuple[int, int, int]:
    if at >= len(data):
        raise Refused("NON_CANONICAL", "it ends too early")
    major, short = data[at] >> 5, data[at] & 31
    at += 1
    if short < 24:
        return major, short, at
    if short > 27:
        raise Refused("NON_CANONICAL", "an indefinite length, or a form that is reserved")
    size = 1 << (short - 24)
    if at + size > len(data):
        raise Refused("NON_CANONICAL", "it ends too early")
    number = int.from_bytes(data[at : at + size], "big")
    if major != 7 and number < (24 if size == 1 else 1 << (4 * size)):
        raise Refused("NON_CANONICAL", "a number in a longer form than needed")
    return (major if major != 7 else 8), number, at + size


def _value(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    major, number, at = _head(data, at)
    if major < 2:
        if number > INT_MAX:
            raise Refused("LIMIT_NUMBER", "a number beyond 64 bits")
        return (number if major == 0 else -1 - number), at
    if major < 4:
        return _string(data, at, number, is_text=major == 3)
    if major in (4, 5):
        if depth >= MAX_DEPTH:
            raise Refused("LIMIT_NESTING", f"more than {MAX_DEPTH} levels")
        if number > len(data):
            raise Refused("NON_CANONICAL", "more members than bytes")
        return _list(data, at, number, depth + 1) if major == 4 else _map(data, at, number, depth + 1)
    if major == 7 and number in (20, 21, 22):
        return {20: False, 21: True, 22: None}[number], at
    raise Refused("NON_CANONICAL", "a tag, a float, or another simple value")


def _string(data: bytes, at: int, size: int, is_text: bool) -> tuple[Any, int]:
    raw = data[at : at + size]
    if len(raw) != size:
        raise Refused("NON_CANONICAL", "it ends too early")
    if not is_text:
        return raw, at + size
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("NON_CANONICAL", "text that is no UTF-8") from None
    if "\0" in text:
        raise Refused("NON_CANONICAL", "text with the character NUL")
    return text, at + size


def _list(data: bytes, at: int, count: int, depth: int) -> tuple[list[Any], int]:
    items = []
    for _ in range(count):
        item, at = _value(data, at, depth)
        items.append(item)
    return items, at


def _map(data: bytes, at: int, count: int, depth: int) -> tuple[dict[Any, Any], int]:
    found: dict[Any, Any] = {}
    before, kinds = b"", set()
    for _ in range(count):
        start = at
        key, at = _value(data, at, depth)
        written = data[start:at]
        if written <= before:
            raise Refused("NON_CANONICAL", "keys out of order, or twice")
        if type(key) not in (int, str) or (type(key) is int and key < 0):
            raise Refused("NON_CANONICAL", "a key that is neither text nor a whole number from 0 up")
        before = written
        kinds.add(type(key))
        found[key], at = _value(data, at, depth)
    if len(kinds) > 1:
        raise Refused("NON_CANONICAL", "keys of two kinds in one map")
    return found, at


def encode(value: Any) -> bytes:
    """Give the canonical bytes of a plain value (for the enrolment record, section 5)."""
    if isinstance(value, int):
        return _written(0, value) if value >= 0 else _written(1, -1 - value)
    if isinstance(value, bytes):
        return _written(2, len(value)) + value
    if isinstance(value, str):
        raw = value.encode()
        return _written(3, len(raw)) + raw
    if isinstance(value, dict):
        pairs = sorted((encode(key), encode(item)) for key, item in value.items())
        return _written(5, len(pairs)) + b"".join(key + item for key, item in pairs)
    raise TypeError(type(value))


def _written(major: int, number: int) -> bytes:
    if number < 24:
        return bytes([major << 5 | number])
    power = next(power for power in range(4) if number < 1 << (8 << power))
    return bytes([major << 5 | (24 + power)]) + number.to_bytes(1 << power, "big")


# ------------------------------------------------------------------------------------ signatures (section 3)


def sha256(data: bytes) -> bytes:
    """The hash of everything here."""
    return hashlib.sha256(data).digest()


def is_signed(key: bytes, signature: bytes, purpose: str, institution: bytes, data: bytes) -> bool:
    """Whether ``key`` signed ``data`` for this purpose in this institution."""
    message = b"satchel " + purpose.encode() + b" v1\0" + institution + sha256(data)
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def fingerprint(keys: list[bytes]) -> str:
    """Twenty digits of some keys, as they are read out by telephone."""
    found = hashlib.sha256(b"satchel fingerprint v1\0")
    for key in keys:
        found.update(len(key).to_bytes(4, "big") + key)
    return f"{int.from_bytes(found.digest(), 'big') % 10**20:020d}"


# ------------------------------------------------------------------------------------ changesets (section 6)

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_KIND = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")


def read_changeset(data: bytes) -> dict[str, Any]:
    """Read one changeset and check its form."""
    fields = decode(data)
    if type(fields) is not dict or "v" not in fields:
        raise Refused("NON_CANONICAL", "a changeset is a map with its version")
    if fields["v"] != 1 or type(fields["v"]) is not int:
        raise Refused("UNKNOWN_VERSION", "the version of the changeset")
    if fields.keys() != CHANGESET_KEYS:
        raise Refused("NON_CANONICAL", "keys missing or unknown")
    ops = fields["ops"]
    if type(ops) is not list:
        raise Refused("NON_CANONICAL", "ops is not a list")
    if len(ops) > MAX_OPS:
        raise Refused("LIMIT_OPS", f"{len(ops)} ops; at most {MAX_OPS}")
    for op in ops:
        _check_op(op)
    for name, low, high in (("device", 0, DEVICE_MAX), ("seq", 1, INT_MAX)):
        _whole(fields[name], name, low, high)
    for name in ("chain", "hlc", "actor", "schema", "rules", "reference"):
        _whole(fields[name], name, 0, INT_MAX)
    _raw(fields["prev"], 32, "prev")
    if type(fields["date"]) is not str or not is_day(fields["date"]):
        raise Refused("NON_CANONICAL", "date is not a day as YYYY-MM-DD")
    kind, note = fields["kind"], fields["note"]
    if type(kind) is not str or len(kind) > 64 or not _KIND.fullmatch(kind):
        raise Refused("NON_CANONICAL", "kind is not a name such as loan.repay")
    if type(note) is not str:
        raise Refused("NON_CANONICAL", "note is not text")
    if len(note) > 2_000:
        raise Refused("LIMIT_SIZE", "the note is too long")
    _check_approvals(fields["approvals"])
    if type(fields["seen"]) is not dict or not all(type(chain) is int for chain in fields["seen"]):
        raise Refused("NON_CANONICAL", "seen is not a map")
    for place in fields["seen"].values():
        _place(place)
    return fields


def is_day(text: str) -> bool:
    """Whether a text is a day as YYYY-MM-DD."""
    try:
        return len(text) == 10 and date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _whole(value: Any, name: str, low: int, high: int) -> None:
    if type(value) is not int:
        raise Refused("NON_CANONICAL", f"{name} is not a whole number")
    if not low <= value <= high:
        raise Refused("LIMIT_NUMBER", f"{name} is not from {low} to {high}")


def _raw(value: Any, size: int, name: str) -> None:
    if type(value) is not bytes or len(value) != size:
        raise Refused("NON_CANONICAL", f"{name} is not {size} bytes")


def _place(value: Any) -> Place:
    if type(value) is not list or len(value) != 2 or type(value[0]) is not int or not value[0] >= 0:
        raise Refused("NON_CANONICAL", "a place is a sequence number and a hash")
    _raw(value[1], 32, "a hash")
    return value[0], value[1]


def _check_approvals(value: Any) -> None:
    if type(value) is not list:
        raise Refused("NON_CANONICAL", "approvals is not a list")
    if len(value) > 16:
        raise Refused("LIMIT_SIZE", "more than 16 approvals")
    for one in value:
        if type(one) is not dict or one.keys() != {"user", "key", "signature"}:
            raise Refused("NON_CANONICAL", "an approval has user, key and signature")
        _whole(one["user"], "user", 0, INT_MAX)
        _raw(one["key"], 32, "the key of an approval")
        _raw(one["signature"], 64, "the signature of an approval")


def _check_op(op: Any) -> None:
    if type(op) is not list or len(op) != 6:
        raise Refused("NON_CANONICAL", "an op has six parts")
    table, sign, row_id, new, old, base = op
    if type(table) is not str or not _NAME.fullmatch(table):
        raise Refused("NON_CANONICAL", "an op names no table")
    if type(row_id) is not int or row_id < 0:
        raise Refused("NON_CANONICAL", "the id of a row is a whole number from 0 up")
    for row in (new, old):
        if row is not None and (type(row) is not dict or not all(map(_is_column, row.items()))):
            raise Refused("NON_CANONICAL", "the columns of an op are no map of names to plain values")
    fits = {
        "+": new is not None and old is None,
        "~": bool(new) and old is not None and new.keys() == old.keys(),
        "-": new is None and old is not None,
    }
    if type(sign) is not str or not fits.get(sign, False):
        raise Refused("NON_CANONICAL", "the columns of an op do not fit what it does")
    if base is not None and (type(base) is not list or not all(map(_is_base, base))):
        raise Refused("NON_CANONICAL", "base is no list of places")


def _is_column(pair: tuple[Any, Any]) -> bool:
    name, value = pair
    return type(name) is str and bool(_NAME.fullmatch(name)) and type(value) in (int, str, bytes, type(None))


def _is_base(value: Any) -> bool:
    return type(value) is list and len(value) == 3 and all(type(part) is int and part >= 0 for part in value)


# ---------------------------------------------------------------------------------------- the files of a pack


_FILE = re.compile(
    r"README\.txt|satchel-verify\.py|pack\.json|SHA256SUMS|root/root-[1-9]\d{0,8}\.cbor"
    r"|enrolments/\d{1,7}\.cbor|chains/\d{1,7}-\d{1,19}(-as-\d{1,7})?\.block"
    r"|(aside|manifests)/\d{1,7}-\d{1,19}\.block"
    r"|tables/(accounts|offices|devices|without-effect|journal|documents|trial-balance|users|decisions"
    r"|exceptions|quarantine|control-totals|bundles)\.csv",
    re.ASCII,
)
"""The names that a file of a pack can have: whatever else lies there was put there by somebody else."""

HEADINGS = {
    "accounts": "code,name,type",
    "offices": "number,code,name",
    "devices": "device,office,state,signing_key,bound",
    "without-effect": "device,chain,entry,hash,code",
    "journal": (
        "device,chain,entry,hash,journal_entry,booked_on,value_date,kind,office,account,debit,credit,note"
    ),
    "documents": "receipt,kind,booked_on,amount,office,device,chain,entry",
    "trial-balance": "office,account,name,opening,debit,credit,closing",
}
"""What stands above the columns that are proved: a figure under another heading is another figure."""


class Pack:
    """The files of a pack, in a folder or in a .zip; nothing is unpacked onto the disk."""

    def __init__(self, path: Path) -> None:
        if path.is_file():
            with path.open("rb") as stream:
                if stream.read(22) == b"age-encryption.org/v1\n":
                    raise Refused("SEALED", "it is encrypted: age --decrypt --identity KEY --output pack.zip")
        self.zip = None if path.is_dir() else zipfile.ZipFile(path)
        self.folder = path
        if self.zip is not None:
            names = self.zip.namelist()
            if len(names) != len(set(names)):
                raise Refused("FILE_TWICE", "two files of the pack have one name")
        else:
            names = [p.relative_to(path).as_posix() for p in path.rglob("*") if not p.is_dir()]
        if len(names) > MAX_FILES:
            raise Refused("LIMIT_SIZE", f"{len(names)} files; at most {MAX_FILES}")
        is_plain_folder = self.zip is None  # folders have no lines of their own there
        self.names = sorted(name for name in names if is_plain_folder or not name.endswith("/"))

    def open(self, name: str) -> BinaryIO:
        """Open a file of the pack."""
        if name not in self.names:
            raise Refused("FILE_MISSING", f"{name} is not in the pack")
        return self.zip.open(name) if self.zip is not None else (self.folder / name).open("rb")  # type: ignore[return-value]

    def read(self, name: str, limit: int = 64 << 20) -> bytes:
        """Read a small file whole."""
        with self.open(name) as stream:
            data = stream.read(limit + 1)
        if len(data) > limit:
            raise Refused("LIMIT_SIZE", f"{name} is larger than {limit} bytes")
        return data

    def below(self, folder: str) -> list[str]:
        """List the files of a folder."""
        return [name for name in self.names if name.startswith(folder)]

    def heading(self, name: str) -> str:
        """Read the first line of a table."""
        with self.open(name) as stream:
            return stream.readline(MAX_LINE).decode("utf-8").rstrip("\r\n")

    def rows(self, name: str) -> Iterator[list[str]]:
        """Read a table line by line, without its heading."""
        with self.open(name) as stream, io.TextIOWrapper(stream, encoding="utf-8", newline="") as text:
            lines = csv.reader(_lines_of(name, text))
            next(lines, None)
            yield from lines

    def signed(self, name: str) -> Iterator[tuple[bytes, bytes]]:
        """Read a block of frames of packing 0 (section 7): bytes and signature, one after the other."""
        with self.open(name) as stream:
            while head := stream.read(9):
                count, size = int.from_bytes(head[1:5], "big"), int.from_bytes(head[5:9], "big")
                if len(head) != 9 or head[0] != 0 or size > MAX_FRAME or not 1 <= count <= MAX_FRAMED:
                    raise Refused("TRUNCATED", f"{name}: a frame that cannot be read")
                body, at = stream.read(size), 0
                for _ in range(count):
                    end = at + 4 + int.from_bytes(body[at : at + 4], "big")
                    if end + 64 > len(body):
                        raise Refused("TRUNCATED", f"{name} ends in the middle of a changeset")
                    yield body[at + 4 : end], body[end : end + 64]
                    at = end + 64
                if at != len(body) or len(body) != size:
                    raise Refused("TRUNCATED", f"{name}: a frame is not as long as it says")


def _lines_of(name: str, text: TextIO) -> Iterator[str]:
    """Give the lines of a text; one without an end does not fill the memory."""
    while line := text.readline(MAX_LINE):
        if len(line) == MAX_LINE:
            raise Refused("LIMIT_SIZE", f"{name} has a line of more than {MAX_LINE} characters")
        yield line


# ----------------------------------------------------------------------------------------------- the report

CHECKS = (
    ("files", "files are those that SHA256SUMS lists"),
    ("root", "the institution's keys were signed by those before them"),
    ("roster", "devices and their keys follow from headquarters' signed chain"),
    ("chains", "entries follow each other without gap, in one history"),
    ("signatures", "entries are in the one allowed form and signed by their device"),
    ("bounds", "nothing counts beyond where a device was retired or revoked"),
    ("meaning", "every journal entry balances and is written by who may write it"),
    ("numbers", "receipts and account numbers run without hole or double"),
    ("dates", "clocks and business days go forward"),
    ("totals", "the totals that senders signed are what their entries add up to"),
    ("co-signed", "what headquarters has acknowledged is what the chains hold"),
    ("witnesses", "every branch has been shown the same history of headquarters"),
    ("decisions", "decisions and closes name entries that are there"),
    ("tables", "the tables to read are what the signed entries say"),
)


class Report:
    """What was looked at, how often, and what does not hold."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = defaultdict(int)
        self.failures: list[dict[str, Any]] = []
        self.notes: list[str] = []
        self.facts: dict[str, str] = {}

    def fail(self, check: str, code: str, what: str, **where: Any) -> None:
        """Note something that does not hold; ``where`` names branch, device, chain and sequence."""
        self.failures.append({"check": check, "code": code, "what": what, **where})

    def note(self, text: str) -> None:
        """Say something that a reader should know and that is no fault."""
        self.notes.append(text)

    def document(self) -> dict[str, Any]:
        """Give the report for programs."""
        bad = {one["check"]: one for one in reversed(self.failures)}
        checks = [
            {"name": name, "ok": name not in bad, "count": self.counts[name], "what": what}
            for name, what in CHECKS
        ]
        return {
            "ok": not self.failures,
            "checks": checks,
            "failures": self.failures[:1000],
            "notes": self.notes,
            "facts": self.facts,
        }

    def lines(self) -> Iterator[str]:
        """Give the report for people; what stands in a pack moves no cursor and hides no line."""
        for line in self._lines():
            yield "".join(one if one.isprintable() else "?" for one in line)

    def _lines(self) -> Iterator[str]:
        for name, value in self.facts.items():
            yield f"{name}: {value}"
        yield ""
        bad = {one["check"]: one for one in reversed(self.failures)}
        for name, what in CHECKS:
            yield f"{'FAILED' if name in bad else 'ok    '} {name:<11}{self.counts[name]:>10}  {what}"
            if name in bad:
                yield f"       first: {told(bad[name])}"
        yield ""
        yield from (f"Note: {text}" for text in self.notes)
        count = sum(self.counts[name] > 0 for name, _ in CHECKS)
        if self.failures:
            yield f"NOT PROVED: {len(self.failures)} fault(s). The first: {told(self.failures[0])}"
        else:
            yield f"PROVED: {count} kinds of checks, {self.counts['signatures']} signed entries, no fault."


def told(failure: dict[str, Any]) -> str:
    """One failure in a line: where, what, and its code."""
    names = (("branch", ""), ("device", "device "), ("chain", "chain "), ("seq", "entry "))
    place = " ".join(f"{word}{failure[name]}" for name, word in names if name in failure)
    return f"{place + ': ' if place else ''}{failure['what']} ({failure['code']})"


# ------------------------------------------------------------------------------------------------ the checks


class Device:
    """What headquarters' chain says of a device: its row, and what was found of its chains."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.office = 0
        self.state = ""
        self.scope = "branch"
        self.key = b""
        self.recipient = ""
        self.bound: Place | None = None
        self.succeeds: int | None = None


class Verifier:
    """One run over one pack."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.report = Report()
        self.claims: dict[str, Any] = {}
        self.institution = b""
        self.roles: dict[str, set[bytes]] = {"officer": set(), "daily": set()}
        self.hq_keys: dict[int, tuple[bytes, str]] = {}
        self.devices: dict[int, Device] = {}
        self.reference: dict[str, dict[int, Row]] = defaultdict(dict)
        self.hq_hashes: dict[tuple[int, int], list[bytes]] = {}
        self.wanted: dict[tuple[int, int], dict[int, list[tuple[bytes, str, str]]]] = defaultdict(dict)
        self.seen_by: dict[tuple[int, int], dict[bytes, str]] = defaultdict(dict)
        self.without_effect: set[bytes] = set()
        self.set_aside: set[bytes] = set()
        self.pardoned: set[bytes] = set()
        self.gaps: dict[tuple[int, int], list[Row]] = defaultdict(list)
        self.arms: dict[bytes, int] = {}
        self.fork_members: set[bytes] = set()
        self.releases: dict[int, Place] = {}
        self.books = Books(self)

    def run(self) -> Report:
        """Make every check; a fault in one does not hide what another one finds."""
        for step in (self._files, self._claims, self._root, self._headquarters, self._branches, self._end):
            try:
                step()
            except Refused as refusal:
                name = {self._files: "files", self._claims: "files", self._root: "root"}.get(step, "chains")
                self.report.fail(name, refusal.code, refusal.what)
                if step in (self._root, self._headquarters):
                    break
        return self.report

    # files

    def _files(self) -> None:
        listed: dict[str, str] = {}
        for line in self.pack.read("SHA256SUMS").decode("utf-8").splitlines():
            named, _, name = line.partition("  ")
            listed[name] = named
        for name in sorted(set(listed) | set(self.pack.names) - {"SHA256SUMS"}):
            self.report.counts["files"] += 1
            if not _FILE.fullmatch(name):
                self.report.fail("files", "FILE_UNKNOWN", f"{name[:120]!r} is no file of a pack")
            elif name not in listed:
                self.report.fail("files", "FILE_UNKNOWN", f"{name} is not listed in SHA256SUMS")
            elif name not in self.pack.names:
                self.report.fail("files", "FILE_MISSING", f"{name} is missing")
            elif self._hash_of(name) != listed[name]:
                self.report.fail("files", "BAD_HASH", f"{name} is not the file that was written")

    def _hash_of(self, name: str) -> str:
        found = hashlib.sha256()
        with self.pack.open(name) as stream:
            while part := stream.read(1 << 20):
                found.update(part)
        return found.hexdigest()

    def _claims(self) -> None:
        self.claims = json.loads(self.pack.read("pack.json"))
        if self.claims["v"] != 1:
            raise Refused("UNKNOWN_VERSION", "it was written by a newer program: take its satchel-verify.py")
        for name in sorted(set(self.claims["heads"]) - set(self.pack.names)):
            self.report.fail("chains", "FILE_MISSING", f"{name} is not in the pack, which says where it ends")
        for row in self.pack.rows("tables/without-effect.csv"):
            self.without_effect.add(bytes.fromhex(row[3]))

    # root

    def _root(self) -> None:
        """Every version was signed by a threshold of the one before and of itself (section 5, statements)."""
        before: dict[str, Any] | None = None
        for name in sorted(self.pack.below("root/"), key=lambda name: (len(name), name)):
            outer = decode(self.pack.read(name, MAX_STATEMENT), MAX_STATEMENT)
            statement, signatures = outer["statement"], outer["signatures"]
            root = decode(statement, MAX_STATEMENT)
            pairs = [
                one if isinstance(one, list) else [key, one]
                for key, one in zip_longest(root["root"], signatures)
                if one is not None
            ]
            self._check_root(name, root, before, statement, pairs)
            before = root
            for role in self.roles:
                self.roles[role].update(root[role])
            for device, key, recipient in root.get("hq", []):
                self.hq_keys[device] = (key, recipient)
            self.report.counts["root"] += 1
        if before is None:
            raise Refused("FILE_MISSING", "the statement of the institution's keys is missing")
        if self.claims.get("institution") != self.institution.hex():
            self.report.fail("root", "OTHER_INSTITUTION", "pack.json names another institution than the keys")
        asked = {name: self.claims.get(name) or "all" for name in ("branch", "from", "to")}
        self.report.facts["Asked for"] = ", ".join(f"{name} {what}" for name, what in asked.items())
        self.report.facts["Institution"] = self.institution.hex()
        self.report.facts["Fingerprint of the root keys"] = (
            f"{fingerprint(before['root'])} (compare it with the paper in the institution's safe)"
        )

    def _check_root(
        self, name: str, root: Row, before: Row | None, statement: bytes, pairs: list[Any]
    ) -> None:
        if before is None:
            self.institution = root["institution"]
        if root["institution"] != self.institution:
            raise Refused("OTHER_INSTITUTION", f"{name} is of another institution")
        if root["version"] != (before["version"] + 1 if before else 1):
            raise Refused("ROOT_BEHIND", f"{name} does not follow the version before it")
        for keys in [root, before] if before else [root]:
            good = {
                bytes(key)
                for key, signature in pairs
                if key in keys["root"] and is_signed(key, signature, "root", self.institution, statement)
            }
            if len(good) < max(keys["threshold"], 1):
                raise Refused("BAD_SIGNATURE", f"{name} has {len(good)} of {keys['threshold']} signatures")

    # headquarters

    def _headquarters(self) -> None:
        """Read headquarters' chains: chain 0 first, which says who may be believed, then the others."""
        numbers = sorted(self.hq_keys) or [self._first_headquarters()]
        for chain_zero in (True, False):
            for device, chain, arm, name in self._chain_files():
                if device in numbers and arm is None and (chain == 0) is chain_zero:
                    self._read_headquarters(device, chain, name)
            if chain_zero:
                self._take_roster()
        self.report.counts["roster"] = len(self.devices)
        for one in self.devices.values():
            if one.number in self.hq_keys and self.hq_keys[one.number][0] != one.key:
                self.fault("roster", "SENDER_UNKNOWN", "its key in the roster is not the root's", one.number)
        self._check_enrolments()

    def _first_headquarters(self) -> int:
        """The first root names no device: the roster's own first rows do, with a key that the root names."""
        for device, chain, arm, name in self._chain_files():
            if chain == 0 and arm is None:
                body, _ = next(self.pack.signed(name), (b"", b""))
                for table, sign, _id, new, _old, _base in read_changeset(body)["ops"]:
                    if table == "device" and sign == "+" and new["number"] == device and new["scope"] == "hq":
                        self.hq_keys[device] = (new["signing_key"], new["recipient"])
                        return device
        raise Refused("SENDER_UNKNOWN", "no chain of headquarters is in the pack")

    def _chain_files(self) -> list[tuple[int, int, int | None, str]]:
        found = []
        for name in self.pack.below("chains/"):
            matched = re.fullmatch(r"chains/(\d+)-(\d+)(?:-as-(\d+))?\.block", name)
            if matched:
                device, chain, arm = matched.groups()
                found.append((int(device), int(chain), int(arm) if arm else None, name))
        return sorted(found, key=lambda one: (one[0], one[1], one[2] or 0))

    def _read_headquarters(self, device: int, chain: int, name: str) -> None:
        key, recipient = self.hq_keys[device]
        if key not in self.roles["officer"] | self.roles["daily"]:
            self.fault("roster", "SENDER_UNKNOWN", "the root names no such key", device)
        writer = Device(device)
        writer.scope, writer.key, writer.recipient = "hq", key, recipient
        hashes = self.hq_hashes.setdefault((device, chain), [])
        for fields, found in self._line(name, writer, chain):
            hashes.append(found)
            for table, sign, row_id, new, _old, _base in fields["ops"]:
                if table in OFFICERS and key not in self.roles["officer"]:
                    self.fault("roster", "SENDER_UNKNOWN", f"{table} needs an officer's key", writer, fields)
                if table in REFERENCE and sign != "-":
                    self.reference[table].setdefault(row_id, {}).update(new)
            for other, place in fields["seen"].items():
                self._want(other, 0, _place(place), "co-signed", f"headquarters' entry {fields['seq']}")
            self.books.take(fields, found, writer)

    def _want(self, device: int, chain: int, place: Place, check: str, why: str) -> None:
        if place[0] > 0:
            self.wanted[device, chain].setdefault(place[0], []).append((place[1], check, why))

    def _take_roster(self) -> None:
        for row in self.reference["device"].values():
            one = self.devices[row["number"]] = Device(row["number"])
            one.office, one.state = row["office_id"], row["state"]
            one.scope, one.succeeds = row.get("scope", "branch"), row.get("succeeds")
            one.key, one.recipient = row.get("signing_key") or b"", row.get("recipient") or ""
            if one.state in ("retired", "revoked"):
                one.bound = (row.get("bound_seq") or 0, row.get("bound_hash") or b"")
        self._take_decisions()
        self._take_closes()
        for device in self.hq_keys:
            self.wanted[device, 0].update({})

    def _take_decisions(self) -> None:
        for row_id, row in sorted(self.reference["decision"].items()):
            detail: Row = decode(row["detail"]) if row.get("detail") else {}
            members = decode(row["members"])
            device, chain = detail.get("device", 0), detail.get("chain", 0)
            for member in members:
                if len(member) == 3 and row["kind"] != "gap":
                    self._want(
                        member[0],
                        0,
                        (member[1], member[2]),
                        "decisions",
                        f"decision {row_id} ({row['kind']})",
                    )
            self.report.counts["decisions"] += 1
            if row["kind"] == "gap":
                self.gaps[device, chain].append(detail)
            elif row["kind"] == "fork":
                self.arms.update({bytes.fromhex(name): number for name, number in detail["arms"].items()})
                self.fork_members.update(member[2] for member in members)
            elif row["kind"] == "release":
                self.releases[device] = max(
                    self.releases.get(device, (0, b"")), (detail["seq"], detail["hash"])
                )
            elif row["kind"] == "exception":
                (self.pardoned.update if row["outcome"] == "accept" else self.pardoned.difference_update)(
                    member[2] for member in members
                )

    def _take_closes(self) -> None:
        for row in self.reference["period"].values():
            if row.get("cut"):
                self.report.counts["decisions"] += 1
                for number, place in decode(row["cut"]).items():
                    one = self.devices.get(number)
                    chain = 1 if one and one.scope == "hq" else 0
                    self._want(number, chain, _place(place), "decisions", f"the close of {row['name']}")

    def _check_enrolments(self) -> None:
        """The statement by which a device asked for its number names the keys that the roster has."""
        for name in self.pack.below("enrolments/"):
            outer = decode(self.pack.read(name, 8192), 8192)
            body = decode(outer["body"], 8192)
            if outer.keys() != CLAIM_KEYS or body.keys() != CLAIMED_KEYS or body["v"] != 1:
                self.fault("roster", "NON_CANONICAL", f"{name} has parts missing or unknown", 0)
                continue
            _raw(outer["hmac"], 32, "the code of a claim")
            one = self.devices.get(body["device"])
            if one is None or body["institution"] != self.institution:
                self.fault("roster", "OTHER_INSTITUTION", f"{name} is of no device here", body["device"])
                continue
            key = body["signing_key"]
            if not is_signed(key, outer["signature"], "enrol", self.institution, outer["body"]):
                self.fault("roster", "BAD_SIGNATURE", f"{name} was not signed by its own key", one)
            elif one.key and (one.key, one.recipient) != (key, body["recipient"]):
                self.fault("roster", "SENDER_UNKNOWN", f"{name} names other keys than the roster", one)
            elif not one.key:
                one.key, one.recipient = key, body["recipient"]
                self.report.note(
                    f"{self.branch_of(one)} device {one.number} is not confirmed: its keys rest on its word"
                )

    # one line of changesets

    def _line(
        self, name: str, writer: Device, chain: int, arm: int | None = None
    ) -> Iterator[tuple[dict[str, Any], bytes]]:
        """Read one line: form, signature, sequence, hash, clock and bound of every changeset in it."""
        record = {
            "device": writer.number,
            "institution": self.institution,
            "recipient": writer.recipient,
            "signing": writer.key,
        }
        before, seq, hlc = sha256(encode(record)), 0, -1
        is_first = True
        for body, signature in self.pack.signed(name):
            at = {"seq": seq + 1, "chain": chain}
            if not is_signed(writer.key, signature, "changeset", self.institution, body):
                self.fault("signatures", "BAD_SIGNATURE", "its device did not sign this", writer, at)
            try:
                fields = read_changeset(body)
            except Refused as refusal:
                self.fault("signatures", refusal.code, refusal.what, writer, at)
                return
            found = sha256(body)
            self.report.counts["signatures"] += 1
            if (fields["device"], fields["chain"]) != (writer.number, chain):
                self.fault("chains", "BAD_SIGNATURE", "an entry of another chain stands here", writer, fields)
                return
            if is_first and arm is not None:
                self._check_arm(writer, fields, found, arm)
            elif not self._follows(writer, chain, fields, seq, before):
                return
            if fields["hlc"] <= hlc:
                self.fault(
                    "dates", "CLOCK_SUSPECT", "its instant is not after the one before", writer, fields
                )
            before, seq, hlc, is_first = found, fields["seq"], fields["hlc"], False
            self.report.counts["chains"] += 1
            self.report.counts["dates"] += 1
            self._check_place(writer, chain, seq, found, arm)
            yield fields, found
        self._check_head(name, writer, chain, seq, before)

    def _follows(self, writer: Device, chain: int, fields: Row, seq: int, before: bytes) -> bool:
        if (fields["seq"], fields["prev"]) == (seq + 1, before):
            return True
        for gap in self.gaps[writer.number, chain]:
            if (gap["first"], gap["last"] + 1, gap["after"]) == (seq + 1, fields["seq"], fields["prev"]):
                self.report.note(
                    f"{self.branch_of(writer)} device {writer.number}: entries {gap['first']} to "
                    f"{gap['last']} are lost for ever, by a decision of headquarters"
                )
                return True
        if fields["seq"] > seq + 1:
            what = f"entries {seq + 1} to {fields['seq'] - 1} are missing before it"
            self.fault("chains", "GAP", what, writer, fields)
        elif fields["seq"] <= seq:
            self.fault("chains", "FORK", f"it stands behind entry {seq}", writer, fields)
        else:
            self.fault("chains", "FORK", "it does not follow from the entry before it", writer, fields)
        return False

    def _check_arm(self, writer: Device, fields: Row, found: bytes, arm: int) -> None:
        if self.arms.get(found) != arm:
            what = f"no decision adopts this history as device {arm}"
            self.fault("chains", "FORK", what, writer, fields)

    def _check_place(self, writer: Device, chain: int, seq: int, found: bytes, arm: int | None) -> None:
        """The bound of a device that is no more; and what others have said of this place."""
        if writer.bound is not None and arm is None and chain == 0:
            last, named = max(writer.bound, self.releases.get(writer.number, (0, b"")))
            self.report.counts["bounds"] += 1
            if seq > last or (seq == last and found != named):
                what = f"it lies beyond entry {last}, where the device was {writer.state}"
                self.fault("bounds", "REVOKED_AFTER", what, writer, {"seq": seq, "chain": chain})
        for hashed, check, why in self._claims_of(writer.number, chain, arm).pop(seq, ()):
            self.report.counts[check] += check != "decisions"
            if hashed != found:
                what = f"{why} names another entry at this place"
                self.fault(check, "FORK", what, writer, {"seq": seq, "chain": chain})

    def _claims_of(self, device: int, chain: int, arm: int | None) -> dict[int, list[tuple[bytes, str, str]]]:
        return self.wanted[device if arm is None else arm, chain]

    def _check_head(self, name: str, writer: Device, chain: int, seq: int, before: bytes) -> None:
        claimed = self.claims.get("heads", {}).get(name)
        if claimed != [seq, before.hex()]:
            what = f"the pack says that it ends at entry {(claimed or ['?'])[0]}"
            self.fault("chains", "TRUNCATED", what, writer, {"seq": seq, "chain": chain})

    # branches

    def _branches(self) -> None:
        for device, chain, arm, name in self._chain_files():
            if device in self.hq_keys:
                continue
            writer = self.devices.get(device)
            if writer is None or not writer.key:
                self.fault("roster", "SENDER_UNKNOWN", f"{name}: the roster has no keys of it", device)
                continue
            totals = Totals(self, writer, chain) if arm is None else None
            for fields, found in self._line(name, writer, chain, arm):
                self._witness(writer, fields)
                self.books.take(fields, found, writer, is_arm=arm is not None)
                if totals:
                    totals.take(fields, found)
            if totals:
                totals.end()
        for name in self.pack.below("aside/"):
            self._aside(name)

    def _witness(self, writer: Device, fields: Row) -> None:
        """What a branch says that it has seen of headquarters is its signature under that history."""
        for chain, place in fields["seen"].items():
            self.witness(writer, chain, _place(place), fields)

    def witness(self, writer: Device, chain: int, place: Place, where: Row) -> None:
        """Compare one place of headquarters that a branch names with the chain, and with other branches."""
        seq, named = place
        lines = [hashes for (_, number), hashes in self.hq_hashes.items() if number == chain]
        if not lines or not seq:
            return
        self.report.counts["witnesses"] += 1
        told_by = self.seen_by[chain, seq]
        told_by.setdefault(named, f"{self.branch_of(writer)} (device {writer.number})")
        if any(len(hashes) >= seq and hashes[seq - 1] == named for hashes in lines):
            return
        others = [who for hashed, who in told_by.items() if hashed != named]
        what = f"it was shown another entry {seq} of headquarters' chain {chain} than the one in the pack"
        if others:
            what += f"; {others[0]} was shown the other one"
        if all(len(hashes) < seq for hashes in lines):
            what = f"it has seen entry {seq} of headquarters' chain {chain}, which the pack does not hold"
            self.fault("witnesses", "SEEN_MISSING", what, writer, where)
            return
        self.fault("witnesses", "FORK_HQ", what, writer, where)

    def _aside(self, name: str) -> None:
        """What is kept and does not count: its signature makes it a witness, whatever its place."""
        for body, signature in self.pack.signed(name):
            fields = read_changeset(body)
            writer = self.devices.get(fields["device"])
            found = sha256(body)
            self.set_aside.add(found)
            places = self.wanted[fields["device"], fields["chain"]]
            places[fields["seq"]] = [one for one in places.get(fields["seq"], []) if one[0] != found]
            if writer is None or not is_signed(writer.key, signature, "changeset", self.institution, body):
                self.fault("signatures", "BAD_SIGNATURE", "kept aside, and not signed", fields["device"])
            elif writer.scope != "hq":
                self._witness(writer, fields)
            self.report.counts["signatures"] += 1

    # the end

    def _end(self) -> None:
        chains = {(device, chain) for device, chain, _, _ in self._chain_files()}
        lines = chains | {(arm, chain) for _, chain, arm, _ in self._chain_files() if arm is not None}
        unsaid: set[int] = set()
        for (device, chain), places in sorted(self.wanted.items()):
            left = {seq: claims for seq, claims in places.items() if claims}
            if (device, chain) not in lines and (device, chain) in self._asked():
                self.fault("chains", "FILE_MISSING", "its chain is not in the pack", device)
            elif (device, chain) in lines and device not in self.hq_keys:
                for seq, claims in sorted(left.items()):
                    self._unfound(device, chain, seq, claims)
            elif (device, chain) in lines:
                self._named_of_headquarters(device, chain, left)
            elif left:
                unsaid.add(device)
        if unsaid:
            self.report.note(f"{len(unsaid)} other device(s) are named, whose chains are not in this pack")
        if self.set_aside:
            self.report.note(f"{len(self.set_aside)} signed entries are kept aside and do not count")
        Tables(self).check()

    def _asked(self) -> set[tuple[int, int]]:
        names = self.claims.get("heads", {})
        found = (re.fullmatch(r"chains/(\d+)-(\d+)\.block", name) for name in names)
        return {(int(one[1]), int(one[2])) for one in found if one}

    def _unfound(self, device: int, chain: int, seq: int, claims: list[tuple[bytes, str, str]]) -> None:
        lost = any(gap["first"] <= seq <= gap["last"] for gap in self.gaps[device, chain])
        for named, check, why in claims:
            is_forked = named in self.fork_members or named in self.set_aside
            if not lost and not is_forked:
                what = f"{why} names it, and the pack does not hold it"
                self.fault(check, "GAP", what, device, {"seq": seq, "chain": chain})

    def _named_of_headquarters(
        self, device: int, chain: int, left: dict[int, list[tuple[bytes, str, str]]]
    ) -> None:
        hashes = self.hq_hashes[device, chain]
        for seq, claims in sorted(left.items()):
            for named, check, why in claims:
                if seq > len(hashes) or hashes[seq - 1] != named:
                    what = f"{why} names another entry at this place"
                    self.fault(check, "FORK_HQ", what, device, {"seq": seq, "chain": chain})

    # naming

    def branch_of(self, one: Device) -> str:
        """Give the short code of a device's office."""
        return str(self.reference["office"].get(one.office, {}).get("code", "HQ"))

    def fault(
        self, check: str, code: str, what: str, writer: Device | int, fields: Row | None = None
    ) -> None:
        """Note a fault at a device, and at a place of its chain."""
        one = writer if isinstance(writer, Device) else self.devices.get(writer, Device(writer))
        place = {name: fields[name] for name in ("chain", "seq") if name in fields} if fields else {}
        self.report.fail(check, code, what, branch=self.branch_of(one), device=one.number, **place)


class Books:
    """What the entries mean: balances, who may write what, receipts, and the tables to read beside them."""

    def __init__(self, verifier: Verifier) -> None:
        self.verifier = verifier
        self.report = verifier.report
        self.numbers: dict[str, dict[int, str]] = {"loan_account": {}, "savings_account": {}}
        self.paid_out: set[int] = set()
        self.balances: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0, 0])
        self.receipts: dict[tuple[int, int], Series] = defaultdict(Series)
        self.kept: set[str] = set()
        self.accounts: set[tuple[int, str]] = set()
        self.opened: dict[int, str] = {}
        self.uneffective = 0
        self.journal: Iterator[list[str]] = iter(())
        self.documents: Iterator[list[str]] = iter(())

    def take(self, fields: Row, found: bytes, writer: Device, is_arm: bool = False) -> None:
        """Judge one entry, and add it to the books where it has an effect."""
        verifier = self.verifier
        fault = meaning_fault(fields, writer)
        is_effective = found not in verifier.without_effect
        self.report.counts["meaning"] += 1
        if fault and is_effective and found not in verifier.pardoned:
            verifier.fault("meaning", fault[0], fault[1], writer, fields)
        if not is_effective:
            self.uneffective += 1
        made: dict[str, dict[int, Row]] = defaultdict(dict)
        for table, sign, row_id, new, _old, _base in fields["ops"]:
            if sign == "+":
                made[table][row_id] = new
        self._number(fields, made, writer, is_arm)
        self._days(fields, made, writer)
        if is_effective:
            self._post(fields, found, made)
            self._list(fields, made)

    def _number(self, fields: Row, made: dict[str, dict[int, Row]], writer: Device, is_arm: bool) -> None:
        for table, known in self.numbers.items():
            for row_id, row in made[table].items():
                known[row_id] = row["number"]
                named = (row["origin_office_id"], row["number"])
                self.report.counts["numbers"] += 1
                if named in self.accounts and not is_arm:
                    self.verifier.fault(
                        "numbers", "NUMBER_TWICE", f"{named[1]} is given twice", writer, fields
                    )
                self.accounts.add(named)
        for table in ("loan_transaction", "savings_transaction"):
            for row_id, row in made[table].items():
                if row.get("kind") == "disbursement":
                    self.paid_out.add(row_id)
                if row.get("receipt_sequence") is None:
                    self.kept.update([row["receipt"]] if row.get("receipt") else [])
                elif not is_arm:
                    self.report.counts["numbers"] += 1
                    series = self.receipts[row["origin_office_id"], row["receipt_till"]]
                    if not series.take(row["receipt_sequence"]):
                        what = f"receipt {row.get('receipt')} stands twice"
                        self.verifier.fault("numbers", "NUMBER_TWICE", what, writer, fields)

    def _days(self, fields: Row, made: dict[str, dict[int, Row]], writer: Device) -> None:
        for row in made["business_day"].values():
            if row["on"] <= self.opened.get(writer.number, ""):
                what = f"the day {row['on']} was opened after {self.opened[writer.number]}"
                self.verifier.fault("dates", "CLOCK_SUSPECT", what, writer, fields)
            self.opened[writer.number] = row["on"]

    def _post(self, fields: Row, found: bytes, made: dict[str, dict[int, Row]]) -> None:
        start, end = self.verifier.claims.get("from"), self.verifier.claims.get("to")
        codes, accounts = self.verifier.reference["office"], self.verifier.reference["gl_account"]
        for row in made["journal_line"].values():
            entry = made["journal_entry"].get(row["journal_entry_id"])
            if entry is None:
                continue  # unbalanced, and told as that
            day = entry["booked_on"]
            if end and day > end:
                continue
            sums = self.balances[row["origin_office_id"], row["gl_account_id"]]
            if start and day < start:
                sums[0] += row["debit"] - row["credit"]
                continue
            sums[1] += row["debit"]
            sums[2] += row["credit"]
            expected = [
                *self._place(fields, found),
                str(row["journal_entry_id"]),
                day,
                entry["value_date"],
                entry["kind"],
                str(codes.get(row["origin_office_id"], {}).get("code", "")),
                str(accounts.get(row["gl_account_id"], {}).get("code", "")),
                self.amount(row["debit"]),
                self.amount(row["credit"]),
                entry["note"],
            ]
            self._compare("journal", self.journal, expected)

    def _list(self, fields: Row, made: dict[str, dict[int, Row]]) -> None:
        start, end = self.verifier.claims.get("from"), self.verifier.claims.get("to")
        for table in ("loan_transaction", "savings_transaction"):
            for row in made[table].values():
                day = row["booked_on"]
                if row.get("receipt") and not (start and day < start) and not (end and day > end):
                    office = self.verifier.reference["office"].get(row["origin_office_id"], {})
                    expected = [
                        row["receipt"],
                        row["kind"],
                        day,
                        self.amount(row["amount"]),
                        str(office.get("code", "")),
                        *self._place(fields, None),
                    ]
                    self._compare("documents", self.documents, expected)

    @staticmethod
    def _place(fields: Row, found: bytes | None) -> list[str]:
        place = [str(fields[name]) for name in ("device", "chain", "seq")]
        return [*place, found.hex()[:16]] if found is not None else place

    def _compare(self, name: str, rows: Iterator[list[str]], expected: list[str]) -> None:
        self.report.counts["tables"] += 1
        there = next(rows, None)
        if there != [neutral(cell) for cell in expected]:
            there_words = " | ".join(there) if there else "the end of the table"
            what = (
                f"{name}.csv has '{there_words[:120]}' where the entries say '{' | '.join(expected)[:120]}'"
            )
            known = [one for one in self.report.failures if one["what"].startswith(f"{name}.csv has")]
            if not known:  # what follows is out of step
                self.report.fail("tables", "TABLE_DIFFERS", what)

    def amount(self, minor: int) -> str:
        """Write minor units in the currency's decimals."""
        digits = next((row["digits"] for row in self.verifier.reference["institution"].values()), 2)
        whole, rest = divmod(abs(minor), 10**digits)
        sign = "-" if minor < 0 else ""
        return f"{sign}{whole}.{rest:0{digits}d}" if digits else f"{sign}{whole}"

    def end(self) -> None:
        """Look for holes in the series of receipts."""
        offices = self.verifier.reference["office"]
        lost = {
            self.verifier.devices[device].office
            for device, _ in self.verifier.gaps
            if device in self.verifier.devices
        }
        for (office, till), series in sorted(self.receipts.items()):
            code = str(offices.get(office, {}).get("code", ""))
            holes = [one for one in series.holes() if f"{code}-{till}-{one:06d}" not in self.kept]
            if holes and office in lost:
                self.report.note(
                    f"{code}, till {till}: {len(holes)} receipts are lost with entries that are lost"
                )
            elif holes:
                what = f"receipt {code}-{till}-{holes[0]:06d} is missing"
                self.report.fail("numbers", "NUMBER_MISSING", what, branch=code)
        if self.uneffective:
            self.report.note(f"{self.uneffective} signed entries have no effect until a person decides")


class Series:
    """Numbers that are to run 1, 2, 3 without hole; those that came out of order wait for theirs."""

    def __init__(self) -> None:
        self.last = 0
        self.early: set[int] = set()

    def take(self, number: int) -> bool:
        """Take one; False where it was there already."""
        if number <= self.last or number in self.early:
            return False
        self.early.add(number)
        while self.last + 1 in self.early:
            self.last += 1
            self.early.remove(self.last)
        return True

    def holes(self) -> list[int]:
        """Give the numbers that are missing below the highest."""
        return sorted(set(range(self.last + 1, max(self.early))) - self.early) if self.early else []


def meaning_fault(fields: Row, writer: Device) -> tuple[str, str] | None:
    """Give why an entry may have no effect, as code and words, or None: who writes what, debit = credit."""
    if fields["schema"] > SCHEMA:
        return "NEEDS_SCHEMA", "it was written by a newer program: take the newer satchel-verify.py"
    sums: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    entries: set[int] = set()
    for table, sign, row_id, new, _old, _base in fields["ops"]:
        fault = _scope_fault(fields, writer, table, sign, row_id, new)
        if fault:
            return "SCOPE", fault
        if sign == "+" and table == "journal_entry":
            entries.add(row_id)
        if sign == "+" and table == "journal_line":
            debit, credit = new["debit"], new["credit"]
            if min(debit, credit) < 0 or (debit == 0) == (credit == 0):
                return "UNBALANCED", f"line {row_id} is neither a debit nor a credit"
            sums[new["journal_entry_id"]][new["currency"]] += debit - credit
    for entry in sorted(entries ^ set(sums)):
        return "UNBALANCED", f"journal entry {entry} and its lines do not come together"
    for entry, currencies in sorted(sums.items()):
        if any(currencies.values()):
            return (
                "UNBALANCED",
                f"journal entry {entry}: debit and credit differ by {sum(currencies.values())}",
            )
    return None


def _scope_fault(fields: Row, writer: Device, table: str, sign: str, row_id: int, new: Row | None) -> str:
    if table not in REFERENCE | FACTS | OWNED:
        return f"{table} is no table of revision {fields['schema']}"
    if table in REFERENCE and writer.scope != "hq":
        return f"{table} is written by headquarters alone"
    if sign == "-":
        return f"{table} {row_id}: rows are never removed"
    if sign == "~":
        return f"{table} {row_id}: facts are never changed" if table in FACTS else ""
    if row_id >> ID_BITS != writer.number:
        return f"{table} {row_id}: the id is not of this device"
    origin = (new or {}).get("origin_office_id")
    if origin is not None and writer.office and origin != writer.office:
        return f"{table} {row_id}: made in the name of another office"
    return ""


class Totals:
    """The control totals of one chain, added up entry by entry and held against what its sender signed."""

    def __init__(self, verifier: Verifier, writer: Device, chain: int) -> None:
        self.verifier = verifier
        self.writer = writer
        name = f"manifests/{writer.number}-{chain}.block"
        self.claims = verifier.pack.signed(name) if name in verifier.pack.names else iter(())
        self.sums: dict[str, dict[int, int]] = {
            name: defaultdict(int) for name in ("accounts", "loans", "savings")
        }
        self.next = self._read()

    def take(self, fields: Row, found: bytes) -> None:
        """Add one entry, and compare where a claim names its place."""
        paid_out = self.verifier.books.paid_out
        for table, sign, _row_id, new, _old, _base in fields["ops"]:
            if sign != "+":
                continue
            if table == "journal_line":
                self.sums["accounts"][new["gl_account_id"]] += new["debit"] - new["credit"]
            elif table == "savings_transaction":
                self.sums["savings"][new["savings_account_id"]] += new["amount"]
            elif table == "loan_transaction":
                is_paid = new["kind"] == "disbursement" or new.get("reverses_id") in paid_out
                self.sums["loans"][new["loan_account_id"]] += new["amount"] if is_paid else -new["principal"]
        while self.next is not None and self.next["content"]["last"][0] <= fields["seq"]:
            if self.next["content"]["last"] == [fields["seq"], found]:
                self._compare(fields, self.next["totals"])
            self.next = self._read()

    def end(self) -> None:
        """Read what is left: claims about what is not here."""
        while self.next is not None:
            place = self.next["content"]["last"]
            if place[1] not in self.verifier.set_aside:
                self.verifier.report.note(
                    f"{self.verifier.branch_of(self.writer)} device {self.writer.number}: totals at entry "
                    f"{place[0]}, which does not count"
                )
            self.next = self._read()

    def _read(self) -> Row | None:
        """Read the next signed claim; its acknowledgements are witnesses of headquarters' chain."""
        verifier = self.verifier
        for body, signature in self.claims:
            manifest: Row = decode(body, MAX_STATEMENT)
            sender = verifier.devices.get(manifest["sender"])
            is_good = manifest["institution"] == verifier.institution and sender is not None
            if not is_good or not is_signed(
                sender.key if sender else b"", signature, "manifest", verifier.institution, body
            ):
                verifier.fault("totals", "BAD_SIGNATURE", "a claim that its sender did not sign", self.writer)
                continue
            for ack in manifest["acks"]:
                if ack["device"] in verifier.hq_keys and sender:
                    place = ack["place"]
                    verifier.witness(sender, ack["chain"], (place[0], place[1]), {})
            return manifest
        return None

    def _compare(self, fields: Row, claimed: dict[str, dict[str, int]]) -> None:
        verifier = self.verifier
        verifier.report.counts["totals"] += 1
        codes = {row_id: row["code"] for row_id, row in verifier.reference["gl_account"].items()}
        names: dict[str, dict[int, str]] = {
            "accounts": codes,
            "loans": verifier.books.numbers["loan_account"],
            "savings": verifier.books.numbers["savings_account"],
        }
        for kind, sums in self.sums.items():
            if any(row_id not in names[kind] for row_id in sums):
                continue  # of an account whose chain is not in this pack: it cannot be named
            ours: dict[str, int] = defaultdict(int)
            for row_id, amount in sums.items():
                ours[names[kind][row_id]] += amount
            for name in sorted(set(ours) | set(claimed[kind])):
                if ours.get(name, 0) != claimed[kind].get(name, 0):
                    what = f"{kind} {name}: {claimed[kind].get(name, 0)} signed, {ours.get(name, 0)} added up"
                    verifier.fault("totals", "TOTALS", what, self.writer, fields)
                    return


class Tables:
    """The small tables to read, made again from the signed entries and compared line by line."""

    def __init__(self, verifier: Verifier) -> None:
        self.verifier = verifier

    def check(self) -> None:
        """Compare each table whole."""
        books = self.verifier.books
        books.end()
        for name, heading in HEADINGS.items():
            if self.verifier.pack.heading(f"tables/{name}.csv") != heading:
                self.verifier.report.fail("tables", "TABLE_DIFFERS", f"{name}.csv has other headings")
        for name, rows in (("journal", books.journal), ("documents", books.documents)):
            if next(rows, None) is not None and not self.verifier.report.failures:
                self.verifier.report.fail(
                    "tables", "TABLE_DIFFERS", f"{name}.csv has lines that no entry has"
                )
        self._compare("trial-balance", self._trial_balance())
        for name, rows_of in (
            ("accounts", self._accounts),
            ("offices", self._offices),
            ("devices", self._devices),
        ):
            self._compare(name, rows_of())

    def _compare(self, name: str, expected: Iterator[list[str]]) -> None:
        there = self.verifier.pack.rows(f"tables/{name}.csv")
        for ours, theirs in zip_longest(sorted([neutral(cell) for cell in row] for row in expected), there):
            self.verifier.report.counts["tables"] += 1
            if ours != theirs:
                what = f"{name}.csv has '{' | '.join(theirs or ['nothing'])}' where the entries say "
                what += f"'{' | '.join(ours or ['nothing'])}'"
                self.verifier.report.fail("tables", "TABLE_DIFFERS", what)
                return

    def _trial_balance(self) -> Iterator[list[str]]:
        books, known = self.verifier.books, self.verifier.reference
        for (office, account), (opening, debit, credit) in books.balances.items():
            if opening or debit or credit:
                row = known["gl_account"].get(account, {})
                amounts = (opening, debit, credit, opening + debit - credit)
                code = str(known["office"].get(office, {}).get("code", ""))
                yield [code, str(row.get("code")), str(row.get("name")), *map(books.amount, amounts)]
        sums = [sum(one[side] for one in books.balances.values()) for side in (1, 2)]
        self.verifier.report.facts["Debit and credit"] = " and ".join(map(books.amount, sums))

    def _accounts(self) -> Iterator[list[str]]:
        for row in self.verifier.reference["gl_account"].values():
            yield [row["code"], row["name"], row["type"]]

    def _offices(self) -> Iterator[list[str]]:
        for row in self.verifier.reference["office"].values():
            yield [str(row["number"]), row["code"], row["name"]]

    def _devices(self) -> Iterator[list[str]]:
        for row in self.verifier.reference["device"].values():
            code = str(self.verifier.reference["office"].get(row["office_id"], {}).get("code", ""))
            key, bound = row.get("signing_key") or b"", row.get("bound_seq")
            yield [str(row["number"]), code, row["state"], key.hex(), "" if bound is None else str(bound)]


def neutral(cell: str) -> str:
    """A text as it stands in a table: what a spreadsheet would take for a formula has a mark before it."""
    if re.fullmatch(r"-?\d+(\.\d+)?", cell):
        return cell
    return f"'{cell}" if cell and cell[0] in FORMULA_BEGINS else cell


def verify(path: Path) -> Report:
    """Check one pack."""
    try:
        verifier = Verifier(Pack(path))
    except Exception as fault:  # noqa: BLE001 - a file that cannot even be opened proves nothing
        report = Report()
        report.fail("files", getattr(fault, "code", "TRUNCATED"), f"{path.name} cannot be read: {fault}")
        return report
    for name in ("journal", "documents"):
        if f"tables/{name}.csv" in verifier.pack.names:
            setattr(verifier.books, name, verifier.pack.rows(f"tables/{name}.csv"))
    try:
        return verifier.run()
    except Exception as fault:  # noqa: BLE001 - whatever stops the reading, the pack is not proved, and says why
        what = f"the pack is not in the form that the format asks for ({type(fault).__name__}: {fault})"
        verifier.report.fail("files", "NON_CANONICAL", what)
        return verifier.report


def main() -> int:
    """Check the pack that is named, print the report, and say by the exit code whether it holds."""
    parser = argparse.ArgumentParser(description="Check a Satchel audit pack without Satchel.")
    parser.add_argument("pack", type=Path, help="the .zip file, or the folder that it was unpacked into")
    parser.add_argument("--json", action="store_true", help="the report for programs")
    asked = parser.parse_args()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal may not know every letter
    report = verify(asked.pack)
    if asked.json:
        print(json.dumps(report.document(), indent=1))
    else:
        print("\n".join(report.lines()))
    return 0 if not report.failures else 1


if __name__ == "__main__":
    sys.exit(main())
