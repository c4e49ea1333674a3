"""The settings of carriers, as the page that both editions share asks for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from console.scheduler import Planned, planned
from schema.reference import Office
from sync.carriers.settings import Carriers, change
from sync.carriers.trying import Tried, try_carriers
from sync.installation import Installation


@dataclass(frozen=True, slots=True)
class CarrierField:
    """One setting on the page; ``value`` of a password only says whether there is one."""

    name: str
    value: str
    help: str
    choices: tuple[str, ...]
    secret: bool
    label: str = ""


class CarrierDesk:
    """The settings of one installation."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation

    def fields(self) -> Sequence[CarrierField]:
        """List the settings; headquarters has an address for each branch instead of one."""
        is_hq = self._installation.signer.is_hq
        kept = Carriers.read(self._installation)
        fields = [
            CarrierField(name, value, spec.help, spec.choices, spec.secret)
            for name, value, spec in kept.shown(is_hq=False)
            if not (is_hq and (name == "mail.to" or name.startswith("line.")))
        ]
        return [*self._branches(kept), *fields] if is_hq else fields

    def change(self, values: Mapping[str, str]) -> None:
        """Set them, all or none; UnknownSettingError, WrongSettingError."""
        change(self._installation, values)

    def tries(self) -> Sequence[Tried]:
        """Try each carrier that has settings."""
        return try_carriers(self._installation)

    def plans(self) -> Sequence[Planned]:
        """List what goes by itself."""
        return planned(self._installation)

    def _branches(self, kept: Carriers) -> list[CarrierField]:
        own = self._installation.place.office_id
        with self._installation.database.reading() as session:
            offices = session.execute(
                select(Office.code, Office.name).where(Office.id != own).order_by(Office.code)
            ).all()
        return [
            CarrierField(
                f"mail.to.{code}", kept.text(f"mail.to.{code}"), "", (), secret=False, label=f"{code} {name}"
            )
            for code, name in offices
        ]
