"""What waits for a person, in plain sentences of the reader's language."""

from flask_babel import gettext as _
from flask_babel import ngettext

from hq.decision_rows import FORK, GAP
from hq.waiting import EXCEPTION, IDENTITY, PART, PROFILE, QUARANTINE, TOTALS, WaitingItem


def sentence(item: WaitingItem) -> str:
    """Say in one line what happened."""
    facts = item.facts
    if item.family == FORK:
        return str(
            _(
                "The laptop %(device)d wrote %(arms)d different histories from entry %(seq)d on.",
                device=item.device,
                arms=facts["members"],
                seq=facts["seq"],
            )
        )
    if item.family == GAP:
        if facts["first"] == facts["last"]:
            return str(
                ngettext(
                    "Entry %(seq)d is missing; %(num)d later entry waits.",
                    "Entry %(seq)d is missing; %(num)d later entries wait.",
                    facts["held"],
                    seq=facts["first"],
                )
            )
        return str(
            ngettext(
                "Entries %(first)d to %(last)d are missing; %(num)d later entry waits.",
                "Entries %(first)d to %(last)d are missing; %(num)d later entries wait.",
                facts["held"],
                first=facts["first"],
                last=facts["last"],
            )
        )
    if item.family == QUARANTINE:
        return str(
            ngettext(
                "%(num)d entry of laptop %(device)d is here and not believed.",
                "%(num)d entries of laptop %(device)d are here and not believed.",
                facts["count"],
                device=facts["device"],
            )
        )
    return _other(item)


def _other(item: WaitingItem) -> str:
    if item.family == EXCEPTION:
        return str(_(item.reason.sentence) if item.reason else item.code)
    if item.family == IDENTITY:
        return str(_("One number stands at several clients: %(clients)s.", clients=item.what))
    if item.family == PROFILE:
        return str(_("Two branches wrote different values: %(what)s.", what=item.what))
    found = {
        TOTALS: _("The totals that came with a bundle are not those of its entries."),
        PART: _("A part of a bundle cannot be trusted."),
    }
    return str(found[item.family])


def next_words(item: WaitingItem) -> str:
    """Say what to do next, in one line."""
    told = {
        FORK: _("Compare the histories. Usually both are real cash, and both go into the books."),
        GAP: _("Ask the branch to send them again. Close the gap only when they are lost for ever."),
        QUARANTINE: _("Look at what they hold. Believe them up to a place, or leave them."),
        EXCEPTION: _("Look at the entry. Accept it, or leave it out."),
        IDENTITY: _("Say whether they are the same person."),
        PROFILE: _("Choose the value that is right."),
    }
    if item.family in told:
        return str(told[item.family])
    return str(_(item.reason.next_step) if item.reason else "")


def word_of(decision: str, *, one: bool = False) -> str:
    """Name a decision as it stands on a button; ``one``: it is about one arm, value or place of several."""
    word = decision.partition(":")[0]
    if word == "adopt" and one:
        return str(_("Only this history goes into the books"))
    words = {
        "adopt": _("All histories go into the books"),
        "refuse": _("None of them goes into the books"),
        "close": _("The range is lost: go on without it"),
        "release": _("Believe it"),
        "accept": _("Accept it: it counts in spite of the rule"),
        "leave": _("Leave it out"),
        "same": _("They are the same person"),
        "different": _("They are different persons"),
        "value": _("This value is right"),
        "void": _("Ask the branch to take it back"),
        "retire": _("Retire"),
        "revoke": _("Revoke"),
        "suspend": _("Suspend"),
        "resume": _("Resume"),
        "unlock": _("Opened with the recovery key"),
    }
    return str(words.get(word, decision))


def effect_of(decision: str) -> str:
    """Say what a decision means, in a sentence."""
    word, _colon, one = decision.partition(":")
    if word == "adopt" and one:
        return str(_("The others stay stored and count for nothing. You can decide anew."))
    meanings = {
        "adopt": _(
            "Each further history is booked under a laptop number of its own; its laptop must be set up anew."
        ),
        "refuse": _("All of it stays stored and counts for nothing. You can decide anew."),
        "close": _("What names rows of the missing entries will break a rule and be listed here."),
        "release": _("What lies at or before the chosen place is booked."),
        "accept": _("It is booked as the branch wrote it."),
        "leave": _("It stays stored and counts for nothing. You can decide anew."),
        "same": _("Reports count them once; their accounts stay where they are."),
        "different": _("They stay two persons; the number is not asked about again."),
        "value": _("It replaces the others at every branch; the others stay readable."),
    }
    return str(meanings.get(word, ""))
