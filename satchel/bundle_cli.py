"""``satchel bundle inspect|check``: what any PC can know of volumes; with a home, what its keys open."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from console.answers import Refused, answer, refusal
from console.home import HomeOptions, utc_now
from ledger.errors import TrustError
from sync.bundle_files import Fault, Found, FoundBundle, FoundVolume, find_volumes
from sync.installation import Installation
from sync.reasons import REASONS
from sync.roster import Roster
from sync.segment import open_segment, read_segment
from sync.volume import Entry, read_sealed

Document = dict[str, object]


@click.group()
def bundle() -> None:
    """What lies on a stick: whole or damaged, complete or not. No key is needed."""


def _describe_paths(
    options: HomeOptions | None, paths: tuple[Path, ...], *, as_json: bool, strict: bool
) -> None:
    """Print what was found; refuse where nothing or something damaged was, or not all of a bundle."""
    found = find_volumes(paths)
    document = document_of(found)
    lines = [*_lines(found)]
    if options is not None:
        opened_up = _contents(options, found)
        document["contents"] = opened_up
        lines += _content_lines(opened_up)
    damaged = found.faults or any(one.damaged or one.twins for one in found.bundles)
    if not found.bundles and not found.faults:
        reason = REASONS["NOT_SATCHEL"]
        said = refusal("NOT_SATCHEL", "No volume was found there.", next_step=reason.next_step)
        raise Refused(document | said, lines)
    if damaged or (strict and not document["complete"]):
        raise Refused(document, lines)
    answer(document, lines, as_json=as_json)


def _options(command: Callable[..., None]) -> Callable[..., None]:
    """What both commands take."""
    for option in (
        click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path)),
        click.option("--json", "as_json", is_flag=True, help="Answer with one JSON document."),
        click.option("--passphrase-file", type=click.Path(path_type=Path), help="File with its passphrase."),
        click.option("--home", type=click.Path(path_type=Path), help="Open what this installation can open."),
    ):
        command = option(command)
    return command


@bundle.command()
@_options
def inspect(
    paths: tuple[Path, ...], home: Path | None, passphrase_file: Path | None, *, as_json: bool
) -> None:
    """Say what lies in files and folders. Refuses (exit 1) where something is damaged."""
    options = HomeOptions(home, passphrase_file, as_json) if home else None
    _describe_paths(options, paths, as_json=as_json, strict=False)


@bundle.command()
@_options
def check(paths: tuple[Path, ...], home: Path | None, passphrase_file: Path | None, *, as_json: bool) -> None:
    """Check that bundles are whole to the last bit. Refuses (exit 1) also where a volume is missing."""
    options = HomeOptions(home, passphrase_file, as_json) if home else None
    _describe_paths(options, paths, as_json=as_json, strict=True)


def document_of(found: Found) -> Document:
    """Give everything that was found as JSON.

    volumes   one entry per file; ``code`` null where it is whole
    bundles   one entry per bundle
    complete  every bundle is here whole, and nothing damaged beside it
    missing   numbers of the missing volumes, damaged ones among them, over all bundles
    """
    volumes = [_volume(volume) for one in found.bundles for volume in one.volumes]
    volumes += [_fault(fault) for one in found.bundles for fault in (*one.damaged, *one.spare)]
    volumes += [_fault(fault) for fault in found.faults]
    return {
        "volumes": volumes,
        "bundles": [_bundle(one) for one in found.bundles],
        "complete": bool(found.bundles)
        and not found.faults
        and all(one.code is None for one in found.bundles),
        "missing": [number for one in found.bundles for number in _unusable(one)],
    }


def _bundle(one: FoundBundle) -> Document:
    index = one.index
    return {
        "bundle": _name(index.bundle),
        "bundle_id": index.bundle.hex(),
        "device": index.device,
        "key": index.key_id.hex(),
        "institution": index.institution.hex(),
        "enrol": index.enrol,
        "volumes": index.volumes,
        "complete": one.code is None,
        "code": one.code,
        "missing": _unusable(one),
        "twins": [_shown(path) for path in one.twins],
        "repaired": list(one.repaired),
        "parity": one.has_parity,
        "carrier": one.carrier,
    }


def _volume(found: FoundVolume) -> Document:
    index = found.index
    return {
        "path": _shown(found.origin),
        "bundle": _name(index.bundle),
        "volume": index.volume,
        "volumes": index.volumes,
        "bytes": index.size_bytes,
        "first_segment": index.first_segment,
        "segments": [
            {"offset": entry.offset, "bytes": entry.length, "sha256": entry.sha256.hex()}
            for entry in index.segments
        ],
        "code": None,
    }


def _fault(fault: Fault) -> Document:
    bundle_id, volume = fault.place or (None, None)
    return {
        "path": _shown(fault.origin),
        "bundle": bundle_id and _name(bundle_id),
        "volume": volume,
        "code": fault.refusal.code,
        "message": fault.refusal.message,
        "next": fault.refusal.next_step,
    }


def _unusable(one: FoundBundle) -> list[int]:
    """Numbers of the volumes that have to be brought (again)."""
    damaged = [fault.place[1] for fault in one.damaged if fault.place]
    return sorted([*one.missing, *damaged])


def _lines(found: Found) -> Iterator[str]:
    for one in found.bundles:
        index = one.index
        state = "complete" if one.code is None else f"{one.code}: {REASONS[one.code].sentence}"
        yield (
            f"Bundle {_name(index.bundle)} from device {index.device} (key {index.key_id.hex()}), "
            f"{len(one.volumes)} of {index.volumes} volume(s) whole, {state}"
        )
        for number in _unusable(one):
            yield f"  volume {number} has to be brought"
        for number in one.repaired:
            yield f"  volume {number} was made again with the parity volume; import does the same"
        for path in one.twins:
            yield f"  {_shown(path)} says that it is a volume that is here already, and differs"
    faults = [*found.faults, *(fault for one in found.bundles for fault in (*one.damaged, *one.spare))]
    for fault in faults:
        yield f"{_shown(fault.origin)}: {fault.refusal.code}. {fault.refusal.message}"
        yield f"  next: {fault.refusal.next_step}"


def _contents(options: HomeOptions, found: Found) -> list[Document]:
    """What each segment says about itself, where this installation's key opens it; nothing is kept."""
    home = Installation.open(str(options.home), options.passphrase(), clock=utc_now)
    with home as installation, installation.database.reading() as session:
        roster = installation.roster(session)
        return [
            _segment(installation, roster, volume, entry)
            for one in found.bundles
            for volume in one.volumes
            for entry in volume.index.segments
        ]


def _segment(installation: Installation, roster: Roster, volume: FoundVolume, entry: Entry) -> Document:
    index = volume.index
    member = roster.find(index.device)
    told: Document = {
        "path": _shown(volume.origin),
        "offset": entry.offset,
        "sender_known": member is not None and member.signing_key == index.public,
    }
    try:
        with volume.path.open("rb") as file:
            contents = open_segment(read_sealed(file, entry), [installation.secrets.identity])
        segment = read_segment(
            contents, public=index.public, institution=installation.facts.institution_id, reader=None
        )
    except TrustError as refused:
        return told | {"code": refused.code, "message": refused.message, "next": refused.next_step}
    manifest, content = segment.manifest, segment.manifest.content
    return told | {
        "code": None,
        "segment": manifest.segment,
        "purpose": manifest.purpose,
        "device": manifest.device,
        "chain": manifest.chain,
        "first_seq": content.first and content.first.seq,
        "last_seq": content.last and content.last.seq,
        "changesets": len(segment.changesets),
        "kinds": dict(content.kinds),
        "tables": dict(content.tables),
        "dates": list(content.dates),
    }


def _content_lines(contents: list[Document]) -> Iterator[str]:
    for one in contents:
        if one["code"]:
            yield f"{one['path']} at {one['offset']}: {one['code']}. {one['message']}"
        else:
            known = "a sender that we know" if one["sender_known"] else "a sender that is not on our roster"
            yield (
                f"Segment {one['segment']} ({one['purpose']}, {known}): {one['changesets']} changesets "
                f"of device {one['device']}, {one['first_seq']} to {one['last_seq']}"
            )


def _name(bundle_id: bytes) -> str:
    """Eight hex digits, as in the names of the files."""
    return bundle_id.hex()[:8].upper()


def _shown(path: Path | str) -> str:
    """A path that can be printed and put into JSON whatever bytes its name has."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
