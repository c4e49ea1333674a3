"""``satchel bundle inspect|check``: what any PC can know of volumes, without keys and without a home."""

import os
from collections.abc import Iterator
from pathlib import Path

import click

from console.answers import Refused, answer, refusal
from sync.bundle_files import Fault, Found, FoundBundle, FoundVolume, find_volumes
from sync.reasons import REASONS

Document = dict[str, object]


@click.group()
def bundle() -> None:
    """What lies on a stick: whole or damaged, complete or not. No key is needed."""


def _describe_paths(paths: tuple[Path, ...], *, as_json: bool, complete_only: bool) -> None:
    """Print what was found; refuse where nothing or something damaged was, or not all of a bundle."""
    found = find_volumes(paths)
    document = document_of(found)
    lines = [*_lines(found)]
    damaged = found.faults or any(one.damaged or one.twins for one in found.bundles)
    if not found.bundles and not found.faults:
        reason = REASONS["NOT_SATCHEL"]
        said = refusal("NOT_SATCHEL", "No volume was found there.", next_step=reason.next_step)
        raise Refused(document | said, lines)
    if damaged or (complete_only and not document["complete"]):
        raise Refused(document, lines)
    answer(document, lines, as_json=as_json)


@bundle.command()
@click.option("--json", "as_json", is_flag=True, help="Answer with one JSON document.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
def inspect(paths: tuple[Path, ...], *, as_json: bool) -> None:
    """Say what lies in files and folders. Refuses (exit 1) where something is damaged."""
    _describe_paths(paths, as_json=as_json, complete_only=False)


@bundle.command()
@click.option("--json", "as_json", is_flag=True, help="Answer with one JSON document.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
def check(paths: tuple[Path, ...], *, as_json: bool) -> None:
    """Check that bundles are whole to the last bit. Refuses (exit 1) also where a volume is missing."""
    _describe_paths(paths, as_json=as_json, complete_only=True)


def document_of(found: Found) -> Document:
    """Give everything that was found as JSON.

    volumes   one entry per file; ``code`` null where it is whole
    bundles   one entry per bundle
    complete  every bundle is here whole, and nothing damaged beside it
    missing   numbers of the missing volumes, damaged ones among them, over all bundles
    """
    volumes = [_volume(volume) for one in found.bundles for volume in one.volumes]
    volumes += [_fault(fault) for one in found.bundles for fault in one.damaged]
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
    }


def _volume(found: FoundVolume) -> Document:
    index = found.index
    return {
        "path": _shown(found.path),
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
        "path": _shown(fault.path),
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
        for path in one.twins:
            yield f"  {_shown(path)} says that it is a volume that is here already, and differs"
    faults = [*found.faults, *(fault for one in found.bundles for fault in one.damaged)]
    for fault in faults:
        yield f"{_shown(fault.path)}: {fault.refusal.code}. {fault.refusal.message}"
        yield f"  next: {fault.refusal.next_step}"


def _name(bundle_id: bytes) -> str:
    """Eight hex digits, as in the names of the files."""
    return bundle_id.hex()[:8].upper()


def _shown(path: Path) -> str:
    """A path that can be printed and put into JSON whatever bytes its name has."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
