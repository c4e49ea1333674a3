"""Changing the institution's root: a draft, signatures on as many PCs as there are holders, acceptance."""

from dataclasses import replace
from pathlib import Path
from typing import Final

from ledger.errors import TrustError
from sync.home import Home, write_durably
from sync.keyslots import DeviceSecrets, SealedSigningKey
from sync.reasons import refused
from sync.root import Draft, Root, follow
from sync.roots import keep_root, newest_root
from sync.signing import PUBLIC_KEY_BYTES, SigningKey

ROLES: Final = ("root", "officer", "daily", "release")


def new_key(out: Path, passphrase: str) -> bytes:
    """Make one person's key and write it sealed; gives its public half.

    raises  TrustError FILE_EXISTS
    """
    if out.exists():
        raise refused("FILE_EXISTS", where=str(out))
    key = SigningKey.generate()
    write_durably(out, SealedSigningKey.create(DeviceSecrets(key, ""), passphrase).to_bytes())
    return key.public


def add_key(
    home: Home,
    draft: Path,
    role: str,
    key: str,
    *,
    instead_of: str | None = None,
    threshold: int | None = None,
) -> Root:
    """Write the draft of the next version with one key more in a role; signatures begin anew.

    raises  TrustError BAD_KEY; ROOT_BEHIND where the draft is of another version
    """
    now = newest_root(home)
    base = Draft.from_bytes(_read(draft)).root if draft.exists() else replace(now, version=now.version + 1)
    if base.version != now.version + 1:
        raise refused("ROOT_BEHIND", f"The draft is of version {base.version}; {now.version} counts.")
    gone = {_public(one) for one in (key, instead_of) if one is not None}
    following = replace(base, threshold=threshold or base.threshold)
    following = _with_keys(
        following, role, (*(one for one in keys_of(base, role) if one not in gone), _public(key))
    )
    if following.threshold > len(following.root_keys):
        raise TrustError(
            "BAD_KEY",
            f"{following.threshold} signatures of {len(following.root_keys)} root keys are not possible. "
            "Nothing was written.",
            next_step="Add the keys first, then raise the number.",
        )
    write_durably(draft, Draft(following, ()).to_bytes())
    return following


def sign(draft: Path, key_file: Path, passphrase: str) -> Draft:
    """Add one holder's signature to a draft; TrustError WRONG_PASSPHRASE, IO_ERROR."""
    signed = Draft.from_bytes(_read(draft)).signed_by(open_key(key_file, passphrase))
    write_durably(draft, signed.to_bytes())
    return signed


def open_key(key_file: Path, passphrase: str) -> SigningKey:
    """Open one person's root key; TrustError WRONG_PASSPHRASE, BAD_KEYSLOTS, IO_ERROR."""
    return SealedSigningKey.from_bytes(_read(key_file)).open_with_passphrase(passphrase).signing_key


def accept(home: Home, draft: Path) -> Root:
    """Make a draft the newest root of this home; TrustError BAD_SIGNATURE while too few have signed."""
    data = _read(draft)
    follow(newest_root(home), data)
    return keep_root(home, data)


def keys_of(root: Root, role: str) -> tuple[bytes, ...]:
    """Give the keys of one role."""
    return {"root": root.root_keys, "officer": root.officer, "daily": root.daily, "release": root.release}[
        role
    ]


def _with_keys(root: Root, role: str, keys: tuple[bytes, ...]) -> Root:
    if role == "root":
        return replace(root, root_keys=keys)
    if role == "officer":
        return replace(root, officer=keys)
    return replace(root, daily=keys) if role == "daily" else replace(root, release=keys)


def _public(text: str) -> bytes:
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        key = b""
    if len(key) != PUBLIC_KEY_BYTES:
        raise TrustError("BAD_KEY", "A public key has 64 hex digits.", next_step="Copy it from 'new-key'.")
    return key


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as fault:
        raise refused("IO_ERROR", str(fault.strerror or fault), where=str(file)) from fault
