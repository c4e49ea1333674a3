"""How bundles get from one PC to the other: disc images, mail, the line to headquarters.

A carrier is believed in nothing. What comes by it is unpacked into files of ours under names of ours, and
each file then stands for itself, as if it had lain on a stick.
"""

from typing import Final

FILES, ISO, EML = "files", "iso", "eml"
FORM_NAMES: Final = (FILES, ISO, EML)
"""How a bundle may be written: as files, as the image of a disc, as mails."""

FOLDER, SMTP, IMAP, HTTPS = "folder", "smtp", "imap", "https"
VIAS: Final = (FOLDER, SMTP, HTTPS)
"""How a bundle is sent without a person who carries it."""
SOURCES: Final = (FOLDER, IMAP, HTTPS)
"""Where bundles are fetched from without a person who brings them."""
