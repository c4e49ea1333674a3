"""The people of the demonstration: made up, with names as they are heard in Kitale and in Gulu."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who logs in at a branch."""

    username: str
    full_name: str
    role: str


@dataclass(frozen=True, slots=True)
class Town:
    """A branch and whom it serves. ``groups`` and the weekday on which each of them meets, 1 Monday."""

    code: str
    name: str
    clerk: Colleague
    manager: Colleague
    officers: tuple[str, ...]
    groups: tuple[tuple[str, int], ...]
    given_names: tuple[tuple[str, str], ...]
    family_names: tuple[str, ...]
    villages: tuple[str, ...]
    telephone: str


KITALE: Final = Town(
    code="KIT",
    name="Kitale",
    clerk=Colleague("grace", "Grace Nafula", "clerk"),
    manager=Colleague("peter", "Peter Kiprono", "manager"),
    officers=("Grace Nafula", "Samuel Wekesa"),
    groups=(("Upendo Women", 2), ("Tumaini", 3), ("Umoja Traders", 4)),
    given_names=(
        ("Jane", "f"), ("John", "m"), ("Mercy", "f"), ("Daniel", "m"), ("Faith", "f"), ("Esther", "f"),
        ("Joseph", "m"), ("Naomi", "f"), ("Lydia", "f"), ("Moses", "m"), ("Ruth", "f"), ("Agnes", "f"),
        ("Simon", "m"), ("Beatrice", "f"), ("Caroline", "f"),
    ),
    family_names=(
        "Wanjiru", "Kamau", "Cheptoo", "Simiyu", "Barasa", "Chebet", "Koech", "Nekesa", "Wafula", "Jepkorir",
        "Otieno", "Njeri", "Kiplagat", "Nanjala", "Mutai", "Achieng", "Wairimũ",
    ),
    villages=("Kapsara", "Kiminini", "Endebess", "Cherangany", "Kitalale", "Sikhendu"),
    telephone="+254 7",
)  # fmt: skip

GULU: Final = Town(
    code="GUL",
    name="Gulu",
    clerk=Colleague("acan", "Acan Florence", "clerk"),
    manager=Colleague("okello", "Okello David", "manager"),
    officers=("Acan Florence", "Komakech Denis"),
    groups=(("Can Deg", 2), ("Waribo Cing", 4), ("Layibi Women", 5)),
    given_names=(
        ("Florence", "f"), ("David", "m"), ("Grace", "f"), ("Denis", "m"), ("Betty", "f"), ("Susan", "f"),
        ("Charles", "m"), ("Christine", "f"), ("Geoffrey", "m"), ("Irene", "f"), ("Jackline", "f"),
        ("Walter", "m"), ("Margaret", "f"), ("Santa", "f"), ("Richard", "m"),
    ),
    family_names=(
        "Akello", "Okello", "Ojok", "Lamunu", "Aber", "Opio", "Auma", "Odongo", "Laker", "Otim", "Apiyo",
        "Onen", "Atim", "Oryem", "Amony", "Ocen", "Lanyero",
    ),
    villages=("Layibi", "Bardege", "Pece", "Laroo", "Koro", "Awach"),
    telephone="+256 77",
)  # fmt: skip

TOWNS: Final = (KITALE, GULU)


def meeting_on(town: Town, on: date) -> Town:
    """Give the town with its last group meeting on the weekday of ``on``."""
    *others, (name, _weekday) = town.groups
    return replace(town, groups=(*others, (name, on.isoweekday())))
