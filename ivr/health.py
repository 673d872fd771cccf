"""/healthz: what works, in words that a watchdog and a person can both read."""

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask, Response, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from ivr.calls.journal import Journal
from ivr.guards import public
from ivr.listening import Listening
from ivr.outbound.sweep import Sweeper

LATE_SWEEPS = 4
"""After this many missed sweeps the sweeper counts as stopped."""


def install(  # noqa: PLR0913 - what can be unwell
    app: Flask,
    sessions: sessionmaker[Session],
    journal: Journal,
    sweeper: Sweeper,
    listening: Listening,
    *,
    sweep_s: float,
) -> None:
    """Serves /healthz.

    200 while the line can take a call and keep what is asked of it, be it in the journal (`status` is then "degraded");
    503 only when neither the database nor the journal takes anything.
    """
    parts: dict[str, Callable[[], dict[str, object]]] = {
        "database": lambda: _database(sessions),
        "journal": lambda: _journal(journal),
        "sweep": lambda: _sweep(sweeper, sweep_s),
        "speech": listening.health,
    }

    @app.get("/healthz")
    @public
    def healthz() -> tuple[Response, int]:
        found = {name: look() for name, look in parts.items()}
        well = all(part["ok"] for part in found.values())
        lost = not found["database"]["ok"] and journal.unwritten > 0
        found["broker"] = {"ok": True, "url": None}
        status = "lost" if lost else "ok" if well else "degraded"
        return jsonify(status=status, **found), 503 if lost else 200


def _database(sessions: sessionmaker[Session]) -> dict[str, object]:
    try:
        with sessions() as session:
            session.execute(text("SELECT id FROM calls LIMIT 1"))
    except SQLAlchemyError as error:
        return {"ok": False, "error": type(error).__name__}
    return {"ok": True}


def _journal(journal: Journal) -> dict[str, object]:
    counts = {"pending": journal.pending, "rejected": journal.rejected, "unwritten": journal.unwritten}
    return {"ok": not any(counts.values()), **counts}


def _sweep(sweeper: Sweeper, sweep_s: float) -> dict[str, object]:
    last = sweeper.last_sweep
    age = (datetime.now(UTC) - last).total_seconds() if last else None
    return {"ok": age is not None and age < LATE_SWEEPS * sweep_s, "last": last.isoformat() if last else None}
