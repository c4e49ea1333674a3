"""What is known of a client beyond name and address: family, papers, pictures, own fields, surveys."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Mapped, mapped_column

from schema.base import BranchRow, Count, Flag, Id, Merge, ReferenceRow, picture, reference_to


class Relative(BranchRow):
    """Somebody of a client's family; ``dependant`` when the client provides for them."""

    __tablename__ = "client_relative"
    __merge__ = Merge.OWNED
    client_id: Mapped[Id] = reference_to("client.id", index=True)
    name: Mapped[str]
    relation: Mapped[str]
    born_on: Mapped[date | None]
    phone: Mapped[str] = mapped_column(default="")
    dependant: Mapped[Flag] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="active")


class IdentityDocument(BranchRow):
    """A paper that says who a client is. ``kind`` is a word of the institution, such as passport."""

    __tablename__ = "identity_document"
    __merge__ = Merge.OWNED
    client_id: Mapped[Id] = reference_to("client.id", index=True)
    kind: Mapped[str]
    number: Mapped[str] = mapped_column(index=True)
    issued_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    issued_by: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="active")


class ClientScan(BranchRow):
    """A picture, made small before it is kept; of photos the newest counts.

    ``kind`` is photo, signature or document.
    """

    __tablename__ = "client_scan"
    __merge__ = Merge.FACT
    client_id: Mapped[Id] = reference_to("client.id", index=True)
    kind: Mapped[str]
    media_type: Mapped[str]
    content: Mapped[bytes] = mapped_column(info=picture())
    at: Mapped[datetime]
    user_id: Mapped[Id] = reference_to("user_account.id")
    note: Mapped[str] = mapped_column(default="")


class CustomField(ReferenceRow):
    """A field that headquarters added to the clients' profile.

    ``kind``     text, number, date, yes_no or choice (``choices``: one a line)
    ``active``   0: no longer asked; what was written stays readable
    """

    __tablename__ = "custom_field"
    code: Mapped[str]
    label: Mapped[str]
    kind: Mapped[str]
    choices: Mapped[str] = mapped_column(default="")
    required: Mapped[Flag] = mapped_column(default=0)
    position: Mapped[Count] = mapped_column(default=0)
    active: Mapped[Flag] = mapped_column(default=1)


class ClientField(BranchRow):
    """What stands in a custom field of a client; dates as ISO, numbers as typed, yes_no as 1 and 0."""

    __tablename__ = "client_field"
    __merge__ = Merge.OWNED
    client_id: Mapped[Id] = reference_to("client.id", index=True)
    field_id: Mapped[Id] = reference_to("custom_field.id")
    value: Mapped[str]


class Survey(ReferenceRow):
    """A questionnaire of headquarters; a new version is a new row. With points, it is a scorecard."""

    __tablename__ = "survey"
    code: Mapped[str]
    version: Mapped[Count] = mapped_column(default=1)
    name: Mapped[str]
    active: Mapped[Flag] = mapped_column(default=1)


class SurveyQuestion(ReferenceRow):
    """A question. ``kind`` is choice, number, text or date."""

    __tablename__ = "survey_question"
    survey_id: Mapped[Id] = reference_to("survey.id", index=True)
    position: Mapped[Count]
    text: Mapped[str]
    kind: Mapped[str] = mapped_column(default="choice")
    required: Mapped[Flag] = mapped_column(default=1)


class SurveyOption(ReferenceRow):
    """An answer that may be chosen, and the points that it gives."""

    __tablename__ = "survey_option"
    question_id: Mapped[Id] = reference_to("survey_question.id", index=True)
    position: Mapped[Count]
    text: Mapped[str]
    points: Mapped[Count] = mapped_column(default=0)


class SurveyBand(ReferenceRow):
    """What a score means: from and to (both included), in words, with the likelihood in percent, if any."""

    __tablename__ = "survey_band"
    survey_id: Mapped[Id] = reference_to("survey.id", index=True)
    least: Mapped[Count]
    most: Mapped[Count]
    words: Mapped[str]
    likelihood: Mapped[Decimal | None]


class SurveyResponse(BranchRow):
    """A questionnaire that a client answered; ``score`` is the sum of points, None where there are none."""

    __tablename__ = "survey_response"
    __merge__ = Merge.FACT
    survey_id: Mapped[Id] = reference_to("survey.id")
    client_id: Mapped[Id] = reference_to("client.id", index=True)
    on: Mapped[date]
    user_id: Mapped[Id] = reference_to("user_account.id")
    score: Mapped[Count | None]


class SurveyAnswer(BranchRow):
    """One answer: the option that was chosen, or what was written."""

    __tablename__ = "survey_answer"
    __merge__ = Merge.FACT
    response_id: Mapped[Id] = reference_to("survey_response.id", index=True)
    question_id: Mapped[Id] = reference_to("survey_question.id")
    option_id: Mapped[Id | None] = reference_to("survey_option.id")
    text: Mapped[str] = mapped_column(default="")
