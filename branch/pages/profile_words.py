"""The words in which pages speak of a person: family, likeness, and what happened."""

from ledger.errors import N_

RELATIONS = {
    "father": N_("father"),
    "mother": N_("mother"),
    "spouse": N_("wife or husband"),
    "child": N_("child"),
    "sibling": N_("brother or sister"),
    "next of kin": N_("next of kin"),
    "other": N_("other"),
}
LIKENESSES = {
    "national_id": N_("has the same identity document"),
    "phone": N_("has the same telephone"),
    "name_and_birth_year": N_("has the same name and year of birth"),
}
EVENTS = {
    "client.joined": N_("Became a client"),
    "client.moved": N_("Moved between branches"),
    "loan.applied": N_("Asked for a loan"),
    "loan.approved": N_("Loan approved"),
    "loan.rejected": N_("Loan refused by headquarters"),
    "savings.opened": N_("Savings account opened"),
    "savings.closed": N_("Savings account closed"),
    "attendance": N_("Meeting"),
    "survey": N_("Survey"),
    "scan": N_("Picture kept"),
    "paper": N_("Identity document issued"),
    "group.role": N_("Took an office in the group"),
}
MARKS = {
    "P": N_("present"),
    "LP": N_("late"),
    "A": N_("absent"),
    "L": N_("on leave"),
}
PICTURES = {
    "photo": N_("Photo"),
    "signature": N_("Signature"),
    "document": N_("Document"),
}
GENDERS = {
    "f": N_("woman"),
    "m": N_("man"),
    "x": N_("other"),
}
