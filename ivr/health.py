"""/healthz: what works, in words that a watchdog and a person can both read."""

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask, Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

from care_records.models import Upkeep
from ivr.calls.journal import Journal
from ivr.guards import public
from ivr.jobs.dispatcher import SWEEP
from ivr.jobs.sender import BrokerAwayError
from ivr.watch import Watch

Part = dict[str, object]


def install(app: Flask, watch: Watch) -> None:
    """Serves /healthz.

    200 while the line can take a call and keep what is asked of it, be it in the journal (`status` is then "degraded");
    503 only when neither the database nor the journal takes anything.
    """
    apart: dict[str, Callable[[], Part]] = {
        "database": lambda: _looked(lambda: _database(watch)),
        "journal": lambda: _journal(watch.journal),
        "broker": lambda: _broker(watch),
        "speech": watch.listening,
    }
    in_records: dict[str, Callable[[], Part]] = {
        "sweep": lambda: _sweep(watch),
        "upkeep": lambda: _upkeep(watch),
        "check_ins": lambda: _check_ins(watch),
        "escalations": lambda: _escalations(watch),
    }

    @app.get("/healthz")
    @public
    def healthz() -> tuple[Response, int]:
        found = {name: look() for name, look in apart.items()}
        there = found["database"]["ok"]  # where it is not, nobody waits for it five times
        found |= {name: _looked(look) if there else found["database"] for name, look in in_records.items()}
        well = all(part["ok"] for part in found.values())
        lost = not found["database"]["ok"] and watch.journal.unwritten > 0
        status = "lost" if lost else "ok" if well else "degraded"
        return jsonify(status=status, **found), 503 if lost else 200


def _looked(look: Callable[[], Part]) -> Part:
    try:
        return look()
    except SQLAlchemyError as error:
        return {"ok": False, "error": type(error).__name__}


def _database(watch: Watch) -> Part:
    watch.database()
    return {"ok": True}


def _journal(journal: Journal) -> Part:
    counts = {"pending": journal.pending, "rejected": journal.rejected, "unwritten": journal.unwritten}
    return {"ok": not any(counts.values()), **counts}


def _broker(watch: Watch) -> Part:
    url = watch.sender.broker
    try:
        return {"ok": True, "url": url, "waiting": sum(watch.sender.waiting().values())}
    except BrokerAwayError as error:
        return {"ok": False, "url": url, "error": str(error)}


def _sweep(watch: Watch) -> Part:
    """Whether a worker looks for what is due, wherever it is: it says so in the records."""
    sweep = watch.upkeep().get(SWEEP)
    last = sweep.ended_at if sweep else None
    return {
        "ok": watch.sweeping(sweep, datetime.now(UTC)),
        "last": last.isoformat() if last else None,
        "worker": sweep.by if sweep else None,
    }


def _upkeep(watch: Watch) -> Part:
    failed = {part: row.error for part, row in watch.upkeep().items() if _failed(row)}
    return {"ok": not failed, "failed": failed}


def _failed(row: Upkeep) -> bool:
    """The last time that it came to an end. A broker that was away is told of by its own part."""
    return row.part != SWEEP and row.error is not None


def _check_ins(watch: Watch) -> Part:
    now = watch.standing(datetime.now(UTC))
    return {
        "ok": not now.check_ins_overdue and not now.calls_put_off,
        "overdue": now.check_ins_overdue,
        "follow_up": now.check_ins_to_follow_up,
        "put_off": now.calls_put_off,
    }


def _escalations(watch: Watch) -> Part:
    now = watch.standing(datetime.now(UTC))
    alone = now.escalations_open > 0 and now.officers == 0
    return {
        "ok": not now.escalations_stalled and not alone,
        "open": now.escalations_open,
        "stalled": now.escalations_stalled,
        "officers": now.officers,
    }
