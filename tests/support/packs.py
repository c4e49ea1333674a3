"""Audit packs in tests: taken apart, tampered with, read by satchel-verify and by our own reader."""

import hashlib
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hq.audit_pack import Asked, _block, write_audit_pack
from hq.audit_pack_tables import TABLES
from hq.verifier import satchel_verify
from ledger.errors import TrustError
from schema.database import open_database
from schema.reading import fetch
from sync import chain as chains
from sync.admission import Admitter
from sync.changeset import Changeset, digest
from sync.installation import Installation
from sync.kit import KIT_ID_BYTES, Claim
from sync.manifest import Manifest
from sync.packing import Signed
from sync.refold import settle_import
from sync.root import Root
from sync.roster import ACTIVE, HQ_SCOPE, Member, Roster
from sync.signing import SigningKey, verify
from sync.totals import chain_totals, difference

SUMS = "SHA256SUMS"


@dataclass
class Pack:
    """The files of a pack by name; what changes them sums them up again, as a forger would."""

    files: dict[str, bytes] = field(default_factory=dict, repr=False)

    @classmethod
    def read(cls, path: Path) -> "Pack":
        """Read a .zip."""
        with zipfile.ZipFile(path) as opened:
            return cls({name: opened.read(name) for name in opened.namelist()})

    @classmethod
    def of_lines(
        cls, root: bytes, lines: Mapping[str, Sequence[Signed]], manifests: Mapping[str, Sequence[Signed]]
    ) -> "Pack":
        """Make a pack of chains signed elsewhere: its tables are empty."""
        claimed = {"v": 1, "institution": Root.from_bytes(root).institution_id.hex(), "heads": {}}
        pack = cls({"root/root-1.cbor": root, "pack.json": json.dumps(claimed).encode()})
        for name, table in TABLES.items():
            pack.files[f"tables/{name}.csv"] = (",".join(table.heading) + "\n").encode()
        for name, signed in lines.items():
            pack.put_line(name, signed)
        for name, signed in manifests.items():
            pack.files[name] = b"".join(_block(signed))
        return pack

    def copy(self) -> "Pack":
        """Give one that can be changed."""
        return Pack(dict(self.files))

    def line(self, name: str) -> list[Signed]:
        """Take a block apart."""
        data, at, found = self.files[name], 0, []
        while at < len(data):
            count, at = int.from_bytes(data[at + 1 : at + 5], "big"), at + 9
            for _ in range(count):
                end = at + 4 + int.from_bytes(data[at : at + 4], "big")
                found.append((data[at + 4 : end], data[end : end + 64]))
                at = end + 64
        return found

    def put_line(self, name: str, signed: Sequence[Signed]) -> None:
        """Put a chain in the place of the one that is there, and say that it ends where it ends."""
        self.files[name] = b"".join(_block(signed))
        claimed = json.loads(self.files["pack.json"])
        body = signed[-1][0]
        try:
            seq = Changeset.from_bytes(body).seq
        except TrustError:
            seq = len(signed)
        claimed["heads"][name] = [seq, digest(body).hex()]
        self.files["pack.json"] = json.dumps(claimed).encode()

    def write(self, folder: Path, *, summed: bool = True) -> Path:
        """Write it as a folder."""
        if summed:
            sums = [
                f"{hashlib.sha256(data).hexdigest()}  {name}\n"
                for name, data in sorted(self.files.items())
                if name != SUMS
            ]
            self.files[SUMS] = "".join(sums).encode()
        for name, data in self.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        return folder

    def told(self, folder: Path, *, summed: bool = True) -> list[tuple[str, str]]:
        """Give check and code of every failure that satchel-verify finds, in its order."""
        report = satchel_verify.verify(self.write(folder, summed=summed))
        return [(one["check"], one["code"]) for one in report.failures]


def faults_of_pack(headquarters: Installation, folder: Path) -> list[dict[str, Any]]:
    """Write the pack of everything, and give what satchel-verify says against it."""
    return satchel_verify.verify(write_audit_pack(headquarters, folder, Asked(), 1).file).failures


def resigned(key: SigningKey, institution: bytes, body: bytes) -> Signed:
    """Sign bytes as a changeset."""
    return body, key.sign("changeset", institution, body)


def codes_of_ours(pack: Pack, folder: Path) -> set[str]:
    """Read the same chains and claims as an import at headquarters does; gives the codes of what it says."""
    try:
        return _OurReader(pack, folder).read()
    except TrustError as refusal:
        return {refusal.code}


class _OurReader:
    """An empty database that takes the chains of a pack."""

    def __init__(self, pack: Pack, folder: Path) -> None:
        self._pack = pack
        self._root = Root.from_bytes(pack.files["root/root-1.cbor"])
        self._database = open_database(folder / "ours.db")
        self._database.migrate()
        self._codes: set[str] = set()
        self._known: list[Claim] = []

    def read(self) -> set[str]:
        """Take chain 0 first, then the branches, then the claims."""
        institution = self._root.institution_id
        first = Changeset.from_bytes(self._pack.line("chains/1-0.block")[0][0])
        row = next(op.new for op in first.ops if op.table == "device" and (op.new or {})["number"] == 1) or {}
        key, recipient = row["signing_key"], row["recipient"]
        assert isinstance(key, bytes)
        assert isinstance(recipient, str)
        if not self._root.believes(key):
            return {"SENDER_UNKNOWN"}
        self._known = [
            *(
                Claim.read(data)[0]
                for name, data in self._pack.files.items()
                if name.startswith("enrolments/")
            ),
            Claim(institution, bytes(KIT_ID_BYTES), 1, key, recipient),
        ]
        begins = chains.genesis(institution, 1, key, recipient)
        hq = Member(1, 0, ACTIVE, key, recipient, begins, None, None, scope=HQ_SCOPE)
        self._feed(Roster(institution, {1: hq}, own=1), "chains/1-0.block")
        for name in sorted(name for name in self._pack.files if name.startswith("chains/")):
            if name != "chains/1-0.block":
                self._feed(None, name)
        self._claims()
        self._database.close()
        return self._codes

    def _feed(self, first: Roster | None, name: str) -> None:
        device, chain = map(int, name[len("chains/") : -len(".block")].split("-"))
        with self._database.writing() as session:
            roster = first or Roster.load(session, self._root.institution_id, *self._known)
            member = roster.find(device)
            if member is None:
                self._codes.add("SENDER_UNKNOWN")
                return
            result = Admitter(session, roster, member, chain).receive(self._pack.line(name))
            settle_import(
                session,
                lambda: Roster.load(session, self._root.institution_id, *self._known),
                result.settles,
                hq_grew=member.is_hq,
            )

    def _claims(self) -> None:
        with self._database.reading() as session:
            self._codes.update(
                row[0] for row in fetch(session, "SELECT code FROM changeset WHERE code <> ''")
            )
            roster = Roster.load(session, self._root.institution_id, *self._known)
            for name in sorted(name for name in self._pack.files if name.startswith("manifests/")):
                for body, signature in self._pack.line(name):
                    manifest = Manifest.from_bytes(body)
                    member = roster.find(manifest.sender)
                    assert member is not None
                    verify(member.signing_key, signature, "manifest", self._root.institution_id, body)
                    last = manifest.content.last
                    head = chains.head(session, manifest.device, manifest.chain)
                    if manifest.totals and last and head and head.place == last:
                        ours = chain_totals(session, manifest.device)
                        self._codes.update({"TOTALS"} if difference(manifest.totals, ours) else set())
