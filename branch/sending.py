"""Sending to headquarters without a person who carries it."""

from sync.carriers.sending import send_bundle
from sync.chain import EXPORTED, HEAD, watermark
from sync.export import WrittenBundle, write_branch_bundle
from sync.installation import Installation


def send_now(installation: Installation, via: str) -> WrittenBundle:
    """Write the next bundle and send it; TrustError as ``send_bundle``."""
    return send_bundle(
        installation,
        via,
        lambda folder, size, way: write_branch_bundle(installation, folder, volume_bytes=size, way=way),
    )


def send_by_itself(installation: Installation, via: str) -> str:
    """Send what no bundle holds yet; a bundle that only says what was sent before is not sent again."""
    device = installation.facts.device
    with installation.database.reading() as session:
        head = watermark(session, device, 0, HEAD)
        written = watermark(session, device, 0, EXPORTED)
    if head is None or (written is not None and written.seq >= head.seq):
        return "nothing new"
    return send_now(installation, via).name
