"""The versions of the institution's root in one home: which is the newest, and taking a newer one.

They travel in return bundles, as long as there is more than the one of the enrolment kit. Versions only rise.
A bundle of headquarters is believed only if the newest root names its key.
"""

from sync.chain import genesis
from sync.home import Home, write_durably
from sync.manifest import Manifest
from sync.reasons import refused
from sync.root import Root, follow
from sync.roster import ACTIVE, HQ_SCOPE, Member, Roster

_CARRIED = 8
"""So many of the newest versions go with every return bundle; a branch that is further behind is named."""


def newest_root(home: Home) -> Root:
    """Give the root that this home goes by."""
    return Root.from_bytes(home.root_keys.read_bytes())


def keep_root(home: Home, data: bytes) -> Root:
    """Make a checked statement the newest of this home; the one before is kept too."""
    known, following = newest_root(home), Root.from_bytes(data)
    for root, content in ((known, home.root_keys.read_bytes()), (following, data)):
        kept = home.root_keys_of(root.version)
        kept.parent.mkdir(exist_ok=True)
        write_durably(kept, content)
    write_durably(home.root_keys, data)
    return following


def later_roots(home: Home) -> tuple[bytes, ...]:
    """Give the newest versions after the first, oldest first: what goes with a return bundle."""
    newest = newest_root(home).version
    files = [home.root_keys_of(version) for version in range(2, newest + 1)][-_CARRIED:]
    return tuple(file.read_bytes() for file in files)


def check_root(home: Home, manifest: Manifest, signing_key: bytes, *, keep: bool) -> Root:
    """Take the newer roots that a return bundle carries, and refuse it where they do not name its key.

    keep    whether they are written into the home; a preview keeps nothing
    raises  TrustError ROOT_BEHIND where it was written under a root that is not here and not in it;
            BAD_SIGNATURE for a root that the present one has not signed; SENDER_UNKNOWN
    """
    root = newest_root(home)
    for data in manifest.enrol:
        if Root.from_bytes(data).version <= root.version:
            continue
        root = follow(root, data)
        if keep:
            keep_root(home, data)
    if manifest.root > root.version:
        raise refused("ROOT_BEHIND", f"It was written under version {manifest.root}; {root.version} is here.")
    if not root.believes(signing_key):
        raise refused("SENDER_UNKNOWN", f"Version {root.version} of the institution's keys does not name it.")
    return root


def hq_recipient(home: Home) -> str | None:
    """Give the age recipient of headquarters' newest device, where the root names it."""
    root = newest_root(home)
    return root.hq[-1].recipient if root.hq else None


def with_headquarters(roster: Roster, home: Home) -> Roster:
    """Add the devices of headquarters that the root names and no row tells of yet."""
    if not home.root_keys.exists():
        return roster
    root = newest_root(home)
    return roster.with_members(
        Member(
            device=one.device,
            office_id=0,
            state=ACTIVE,
            signing_key=one.signing_key,
            recipient=one.recipient,
            genesis=genesis(root.institution_id, *one),
            bound_seq=None,
            bound_hash=None,
            scope=HQ_SCOPE,
        )
        for one in root.hq
    )
