"""The reason codes: the same words on every page, in every document, in ``--json``.

``REASONS`` is the whole list (``docs/bundle-format.md`` prints it; a test compares).  A code that is not
here cannot be raised: ``refused`` looks it up.
"""

from dataclasses import dataclass
from typing import Final

from ledger.errors import TrustError


@dataclass(frozen=True, slots=True)
class Reason:
    """What a code means, to a person: one plain sentence, and what to do next."""

    family: str
    sentence: str
    next_step: str


_SEND_AGAIN: Final = "Ask the sender to write the bundle again and bring it once more."
_COPY_AGAIN: Final = (
    "Copy the file from the stick again; if that does not help, have the bundle written again."
)
_NOTHING: Final = "Nothing needs to be done."
_CALL_HQ: Final = "Telephone headquarters before anything else is imported."
_UPGRADE: Final = "Install the newer Satchel, then import the same file again."
_DECIDE: Final = "A person at headquarters decides it on the page Exceptions."

REASONS: Final[dict[str, Reason]] = {
    # FILE: what any PC can see of a volume
    "EMPTY": Reason("FILE", "The file is empty.", _COPY_AGAIN),
    "NOT_SATCHEL": Reason(
        "FILE", "This is not a Satchel volume.", "Leave it out; it is another program's file."
    ),
    "TRUNCATED": Reason(
        "FILE",
        "The file ends too early; perhaps it is still being copied.",
        "Wait for the copy, then try again.",
    ),
    "BAD_HASH": Reason("FILE", "The file was damaged on its way.", _COPY_AGAIN),
    "BAD_VOLUME_SIGNATURE": Reason(
        "FILE", "The file's own signature is wrong: it is damaged or forged.", _SEND_AGAIN
    ),
    "VOLUME_MISSING": Reason(
        "FILE",
        "A volume of this bundle is not here.",
        "Bring the volume that is named, or have the bundle written again.",
    ),
    "VOLUME_TWIN": Reason(
        "FILE",
        "Two files say that they are the same volume, and differ.",
        "Keep both, and ask the sender which one is right.",
    ),
    "IO_ERROR": Reason(
        "FILE",
        "The medium could not be read or written.",
        "Check that it is in place and has room, then try again.",
    ),
    # CRYPTO: whose it is
    "NOT_FOR_US": Reason(
        "CRYPTO", "This is not encrypted for us.", "Carry it to the office that it is meant for."
    ),
    "WRONG_RECIPIENT": Reason(
        "CRYPTO",
        "The signed list of readers does not name us.",
        "Ask the sender to write a bundle for this office.",
    ),
    "BAD_HEADER": Reason("CRYPTO", "The head of the encrypted part is damaged or forged.", _SEND_AGAIN),
    "BAD_STREAM": Reason("CRYPTO", "The encrypted part is damaged, cut or forged.", _SEND_AGAIN),
    "SENDER_UNKNOWN": Reason(
        "CRYPTO", "The sender is not on the roster.", "Enrol the device, or ask headquarters who it is."
    ),
    "OTHER_INSTITUTION": Reason(
        "CRYPTO", "This comes from another institution.", "Give it back to who brought it."
    ),
    "ROOT_BEHIND": Reason(
        "CRYPTO",
        "It was written under newer keys of the institution than we know.",
        "Import the newest return bundle first.",
    ),
    "REVOKED_AFTER": Reason(
        "CRYPTO",
        "The device was revoked, and this lies beyond the bound.",
        "Headquarters looks at it in the quarantine.",
    ),
    "BAD_SIGNATURE": Reason("CRYPTO", "A signature is wrong.", _SEND_AGAIN),
    "KIT_REUSED": Reason("CRYPTO", "One enrolment kit was used twice; both devices are suspended.", _CALL_HQ),
    "WEAK_CODE": Reason("CRYPTO", "The code is too short.", "Use the code that headquarters made."),
    "WRONG_PASSPHRASE": Reason(
        "CRYPTO",
        "The passphrase or code is wrong.",
        "Type it again; mind capital letters. If nobody remembers it, follow the administrator's handbook.",
    ),
    "BAD_KEYSLOTS": Reason(
        "CRYPTO", "The file with the keys is damaged.", "Put the copy from the last backup in its place."
    ),
    # FORM: a property of the bytes alone
    "NON_CANONICAL": Reason("FORM", "The bytes are not in the one form that is allowed.", _SEND_AGAIN),
    "LIMIT_SIZE": Reason("FORM", "It is larger than is allowed.", _SEND_AGAIN),
    "LIMIT_NESTING": Reason("FORM", "It nests deeper than is allowed.", _SEND_AGAIN),
    "LIMIT_NUMBER": Reason("FORM", "A number is larger than is allowed.", _SEND_AGAIN),
    "LIMIT_OPS": Reason("FORM", "One changeset holds more row changes than is allowed.", _SEND_AGAIN),
    "LIMIT_RATIO": Reason("FORM", "It unpacks to more than 64 times its size.", _SEND_AGAIN),
    "LIMIT_WINDOW": Reason("FORM", "It asks for more memory to unpack than is allowed.", _SEND_AGAIN),
    "LIMIT_RECIPIENTS": Reason("FORM", "It names more readers than is allowed.", _SEND_AGAIN),
    "LIMIT_VOLUME": Reason("FORM", "The file is larger than a volume may be.", _SEND_AGAIN),
    "UNKNOWN_VERSION": Reason("FORM", "It was written in a form that this version does not know.", _UPGRADE),
    # CHAIN: its place among the others
    "DUPLICATE": Reason("CHAIN", "We have it already.", _NOTHING),
    "GAP": Reason("CHAIN", "Something earlier is missing.", "Bring the bundle with the range that is named."),
    "FORK": Reason("CHAIN", "One device wrote two different histories.", _DECIDE),
    "FORK_HQ": Reason("CHAIN", "Headquarters shows two different histories.", _CALL_HQ),
    "CHAIN_RESTORED": Reason(
        "CHAIN",
        "This laptop's books are older than what headquarters confirmed.",
        "Follow the page Restore; nothing is lost.",
    ),
    "SEEN_MISSING": Reason(
        "CHAIN", "It builds on something that is not here yet.", "Bring the other bundle; this one waits."
    ),
    "HQ_ROLLBACK": Reason("CHAIN", "Headquarters lacks what it once confirmed.", _CALL_HQ),
    "TOTALS": Reason(
        "CHAIN",
        "The sender's totals differ from what its changesets add up to.",
        "Look at the account that is named.",
    ),
    # MEANING: trusted, and against a rule
    "SCOPE": Reason("MEANING", "The device may not write this.", _DECIDE),
    "NEEDS_SCHEMA": Reason("MEANING", "The sender's program is newer than ours.", _UPGRADE),
    "UNBALANCED": Reason("MEANING", "A journal entry does not balance.", _DECIDE),
    "ID_COLLISION": Reason("MEANING", "Two different rows carry one id.", _DECIDE),
    "REVERSED_TWICE": Reason("MEANING", "Something is taken back that was taken back before.", _DECIDE),
    "OVERDRAWN": Reason(
        "MEANING",
        "An account came below zero, because two histories of one device both count.",
        "Speak with the client; headquarters decides on the page Exceptions what is done.",
    ),
    "NOT_OWNER": Reason("MEANING", "The row belongs to another branch.", _DECIDE),
    "ACCOUNT_MOVED": Reason("MEANING", "The account belongs to another branch now.", _DECIDE),
    "CLOCK_SUSPECT": Reason("MEANING", "The sender's clock is wrong.", "Set the clock of the laptop."),
    "DUPLICATE_DISAGREES": Reason(
        "MEANING",
        "Two clients are said to be different, and the same through others.",
        "Decide one of the pairs anew on the page Exceptions.",
    ),
    "PERIOD_LATE": Reason(
        "MEANING", "It is dated in a closed period.", "It is listed as late; nothing is lost."
    ),
    # RETURN: on the way back
    "OLD_RETURN": Reason("RETURN", "A newer bundle from headquarters was applied already.", _NOTHING),
    "REFERENCE_ROLLBACK": Reason("RETURN", "It would take reference data back to an older state.", _CALL_HQ),
    "STALE": Reason(
        "RETURN", "It has been long since headquarters was heard.", "Fetch a return bundle soon."
    ),
    # HOME: the own installation; nothing of this travels
    "NO_HOME": Reason("HOME", "There is no installation here.", "Check --home, or set one up with 'init'."),
    "HOME_EXISTS": Reason("HOME", "There is an installation here already.", "Choose another folder."),
    "HOME_NOT_EMPTY": Reason(
        "HOME", "The folder for the installation is not empty.", "Choose an empty folder."
    ),
    "FOLDER_NOT_EMPTY": Reason(
        "HOME", "The folder for the demonstration holds something else.", "Name another folder with --home."
    ),
    "FILE_EXISTS": Reason("HOME", "The file is there already and is not overwritten.", "Name another file."),
    "WRONG_EDITION": Reason(
        "HOME", "The home is of the other edition.", "Use 'satchel hq' or 'satchel branch'."
    ),
    "NO_PORT": Reason(
        "HOME", "The port is taken by another program.", "Name another port, or end that program."
    ),
    "NOT_READY": Reason(
        "HOME", "A server did not become ready in time.", "Look into its log, then start it again."
    ),
    "NO_PASSPHRASE": Reason("HOME", "The passphrase is not given.", "Name a file with --passphrase-file."),
    "WEAK_PASSPHRASE": Reason("HOME", "The passphrase is too short.", "Choose four words."),
    "WRONG_KEY": Reason(
        "HOME",
        "The database does not open with this key, or is damaged.",
        "Check that the whole home was copied; else restore the last backup.",
    ),
    "SECOND_COPY_FOREIGN": Reason(
        "HOME", "The second copy was not written with this home's keys.", "Put the right file back."
    ),
    "READ_ONLY": Reason(
        "HOME", "The second copy cannot be written, so nothing is booked.", "Make room, then start again."
    ),
    "BAD_KEY": Reason("HOME", "This is not a key that can stand there.", "Copy it from 'root new-key'."),
    "MISTYPED": Reason("HOME", "A digit of the code is wrong.", "Have it read out again, group by group."),
    "OTHER_CODE": Reason(
        "HOME",
        "The code is not about this laptop's entries.",
        "Ask headquarters for the code of this branch; it reads it off the branch's page.",
    ),
    "RETIRED": Reason(
        "HOME",
        "Headquarters has retired this laptop; another one goes on with its books.",
        "Write a last bundle on the page Send, and bring stick and laptop to headquarters.",
    ),
    "BAD_BACKUP": Reason(
        "HOME",
        "The backup cannot be read whole.",
        "Take another backup; keep this one until that is restored.",
    ),
    "RESERVE_USED": Reason(
        "HOME",
        "The reserve number was used already.",
        "Take the other code from the safe, or ask headquarters for one.",
    ),
    "NO_RESERVE": Reason(
        "HOME",
        "The code belongs to no reserve number of this branch.",
        "Take the codes from the branch's safe; mind which branch they are for.",
    ),
    "NO_REFERENCE": Reason("HOME", "The installation has no institution yet.", "Set it up with 'init'."),
    "WRONG_CODE": Reason("HOME", "The code does not open the kit.", "Ask headquarters for the code again."),
    "KIT_EXPIRED": Reason(
        "HOME", "The enrolment kit has expired.", "Check the date of the PC; else ask for a new kit."
    ),
    "NOT_CLAIMED": Reason(
        "HOME",
        "No bundle with the device's keys has arrived yet.",
        "Import its first bundle, then try again.",
    ),
    "WRONG_FINGERPRINT": Reason(
        "HOME", "These are not the 20 digits of the device.", "Have the branch read them out again."
    ),
    "NO_SETTING": Reason(
        "HOME", "A setting that is needed is empty.", "Set it on the page Carriers, or with 'carrier set'."
    ),
    "NO_LINE": Reason(
        "HOME",
        "The server cannot be reached, or did not take it.",
        "Check the line and the settings, then try again; a stick goes always.",
    ),
    "BAD_SIZE": Reason("HOME", "This is not a size.", "Write 7M for e-mail, 650M for a CD, 1G for a stick."),
}


def refused(code: str, detail: str = "", where: str = "") -> TrustError:
    """Give the error for ``code``, with its sentence and next step.

    detail  what was seen, a sentence of its own
    where   file, volume, segment or sequence, as exactly as it is known
    """
    reason = REASONS[code]
    message = f"{reason.sentence} {detail}" if detail else reason.sentence
    return TrustError(code, message, where=where, next_step=reason.next_step)
