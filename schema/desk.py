"""What the desk of headquarters remembers for itself: imports under way, notes that chase what is missing,
doors for other programs, reports as they were handed out, samples that were drawn.
"""

from datetime import date, datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from schema.base import Count, Id, LocalRow


class ImportJob(LocalRow):
    """An import that goes on in the background, bundle by bundle; what is done stays done.

    ``source``   JSON: {"folder": path} or {"upload": token} or {"carrier": name}
    ``state``    waiting, running, done, stopped (the server ended; it is taken up again) or failed
    ``results``  JSON list: one object for each bundle that is through, in the words of ``hq import --json``
    ``now``      what is being read
    """

    __tablename__ = "import_job"
    __table_args__ = (Index("ix_import_job_state", "state"),)
    id: Mapped[Id] = mapped_column(primary_key=True, autoincrement=True)
    source: Mapped[str]
    state: Mapped[str] = mapped_column(default="waiting")
    asked_by_id: Mapped[Id | None]
    asked_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    found: Mapped[Count] = mapped_column(default=0)
    done: Mapped[Count] = mapped_column(default=0)
    now: Mapped[str] = mapped_column(default="")
    results: Mapped[str] = mapped_column(default="[]")
    fault: Mapped[str] = mapped_column(default="")


class ChaseNote(LocalRow):
    """A branch was asked for what is missing: ``how`` is printed or mailed, ``missing`` is the
    note as the branch got it, which names the bundles.
    """

    __tablename__ = "chase_note"
    __table_args__ = (Index("ix_chase_note_office_id", "office_id"),)
    id: Mapped[Id] = mapped_column(primary_key=True, autoincrement=True)
    office_id: Mapped[Id]
    at: Mapped[datetime]
    user_id: Mapped[Id | None]
    missing: Mapped[str]
    how: Mapped[str]
    sent_to: Mapped[str] = mapped_column(default="")


class ApiToken(LocalRow):
    """A key with which another program comes in; only its hash is kept.

    ``scopes``  words of the API's own list, with blanks between; ``office_id`` bounds it to one office
    """

    __tablename__ = "api_token"
    __table_args__ = (Index("ix_api_token_token_hash", "token_hash"),)
    id: Mapped[Id] = mapped_column(primary_key=True, autoincrement=True)
    name: Mapped[str]
    token_hash: Mapped[bytes]
    scopes: Mapped[str]
    office_id: Mapped[Id | None]
    user_id: Mapped[Id]
    made_at: Mapped[datetime]
    expires_on: Mapped[date | None]
    revoked_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]


class ApiCall(LocalRow):
    """A call that changed something, under the key its program gave it: asked again, it answers the same.

    ``digest`` is SHA-256 over method, path and body: the same key with other content is refused.
    """

    __tablename__ = "api_call"
    token_id: Mapped[Id] = mapped_column(primary_key=True, autoincrement=False)
    idempotency_key: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[bytes]
    at: Mapped[datetime]
    status: Mapped[Count]
    answer: Mapped[str]


class PrintedReport(LocalRow):
    """A report as it was handed out: found again by the check code that stands on it.

    ``question`` is JSON; ``content`` the report's JSON, compressed; ``digest`` SHA-256 of it uncompressed.
    ``rests_on`` says how far the books of each office had come.
    """

    __tablename__ = "printed_report"
    __table_args__ = (Index("ix_printed_report_made_at", "made_at"),)
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    form: Mapped[str]
    made_at: Mapped[datetime]
    user_id: Mapped[Id | None]
    office_id: Mapped[Id | None]
    question: Mapped[str]
    rests_on: Mapped[str] = mapped_column(default="")
    content: Mapped[bytes]
    digest: Mapped[bytes]


class AuditSample(LocalRow):
    """A sample that was drawn: with these the same rows are drawn again, however much came in since.

    ``question``  JSON: what was drawn from; ``cut`` JSON: the sorted list of [device,
    last id] that bounds it; ``digest`` SHA-256 over the drawn ids in their order.
    """

    __tablename__ = "audit_sample"
    id: Mapped[Id] = mapped_column(primary_key=True, autoincrement=True)
    method: Mapped[str]
    seed: Mapped[str]
    question: Mapped[str]
    cut: Mapped[bytes]
    population: Mapped[Count]
    size: Mapped[Count]
    digest: Mapped[bytes]
    made_at: Mapped[datetime]
    user_id: Mapped[Id | None]


class ProofRun(LocalRow):
    """A run of ``verify`` that somebody asked for: what was checked, how much, and what came of it.

    ``state``     running, done, or failed (it could not be carried through; ``first_failure`` says why)
    ``ok``        whether every check held; None until it is done
    ``checks``, ``chains``, ``signatures``  how many of each were looked at
    ``report``    JSON list of [name, ok, detail], in the order in which the checks were made
    """

    __tablename__ = "proof_run"
    id: Mapped[Id] = mapped_column(primary_key=True, autoincrement=True)
    asked_by_id: Mapped[Id | None]
    asked_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(default="running")
    ok: Mapped[Count | None]
    checks: Mapped[Count] = mapped_column(default=0)
    chains: Mapped[Count] = mapped_column(default=0)
    signatures: Mapped[Count] = mapped_column(default=0)
    first_failure: Mapped[str] = mapped_column(default="")
    report: Mapped[str] = mapped_column(default="[]")
