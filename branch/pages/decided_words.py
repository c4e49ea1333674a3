"""What headquarters decided, in plain sentences for the branch."""

from flask_babel import gettext as _

from branch.decided_at_hq import DecidedHere


def sentence(line: DecidedHere) -> str:
    """Say in one line what a decision means for the branch's entries."""
    facts = {"device": line.device, "first": line.first, "last": line.last}
    told = {
        ("fork", "adopt"): _(
            "Laptop %(device)d wrote two histories from entry %(first)d on. They are in the books.",
            **facts,
        ),
        ("fork", "refuse"): _(
            "Laptop %(device)d wrote two histories from entry %(first)d on. Neither is in the books.",
            **facts,
        ),
        ("gap", "close"): _(
            "Entries %(first)d to %(last)d of laptop %(device)d are lost; the books go on without them.",
            **facts,
        ),
        ("release", "release"): _("Entries of laptop %(device)d up to %(last)d are believed again.", **facts),
        ("tail", "leave"): _(
            "Entries of laptop %(device)d up to %(last)d, after its end, are not believed.", **facts
        ),
        ("exception", "accept"): _(
            "Entry %(last)d of laptop %(device)d breaks a rule and was accepted.", **facts
        ),
        ("exception", "leave"): _(
            "Entry %(last)d of laptop %(device)d breaks a rule and was left out.", **facts
        ),
        ("pair", "same"): _("Two clients with one number are the same person."),
        ("pair", "different"): _("Two clients with one number are different persons."),
        ("profile", "close"): _("Of two values of one client headquarters chose one."),
        ("void", "void"): _("Headquarters asks to take an entry back: see the messages."),
        ("device", "retire"): _("Laptop %(device)d ends at entry %(last)d.", **facts),
        ("device", "revoke"): _(
            "Laptop %(device)d is revoked; nothing after entry %(last)d is believed.", **facts
        ),
        ("device", "suspend"): _("Laptop %(device)d is suspended.", **facts),
        ("device", "resume"): _("Laptop %(device)d may go on.", **facts),
    }
    return str(told.get((line.kind, line.outcome), f"{line.kind}: {line.outcome}"))
