"""The staff's pages, given what they need of the line: how it is, and its voice."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from care_records import console, database
from care_records.console import ConsoleSettings, Line, Tile
from ivr.config import Settings
from ivr.jobs.dispatcher import SWEEP
from ivr.jobs.sender import BrokerAwayError
from ivr.watch import Watch
from prompts import Studio


def install(app: Flask, settings: Settings, engine: Engine, sessions: sessionmaker[Session], line: Line) -> None:
    """Serves /console. The settings are complete."""
    assert settings.secret_key
    told = ConsoleSettings(
        secret_key=settings.secret_key.get_secret_value(),
        data_dir=settings.data_dir,
        zone=settings.zone,
        secure=(settings.public_url or "").startswith("https://"),
        region=settings.region,
        area_code=settings.area_code,
        check_in_age=settings.check_in_age,
        windows=settings.windows,
        resolve_after=timedelta(minutes=settings.resolve_min),
        proxies=settings.proxies,
    )
    console.install(app, told, sessions, database.make_sessions(engine, read_only=True), line)


def line_for(watch: Watch, studio: Studio) -> Line:
    return Line(health=lambda: tiles(watch, datetime.now(UTC)), speak=lambda text: studio.spoken(text, slow=False))


def tiles(watch: Watch, now: datetime) -> Sequence[Tile]:
    """How each part of the line is, in words for the office. The line itself is well where this can be read."""
    ears = watch.listening()
    return (
        Tile("line", well=True),
        Tile("speech", well=bool(ears["ok"]), detail="" if ears["ok"] else "只能按键，听不到说话"),
        _worker(watch, now),
        _broker(watch),
        _journal(watch),
    )


def _worker(watch: Watch, now: datetime) -> Tile:
    """Calls go out through whichever worker sweeps."""
    try:
        well = watch.sweeping(watch.upkeep().get(SWEEP), now)
    except SQLAlchemyError:
        return Tile("database", well=False, detail="数据库打不开")
    return Tile("provider", well=well, detail="" if well else "没有程序在往外打电话")


def _broker(watch: Watch) -> Tile:
    try:
        watch.sender.waiting()
    except BrokerAwayError:
        return Tile("broker", well=False, detail="任务队列连不上，由后台逐个处理")
    return Tile("broker", well=True)


def _journal(watch: Watch) -> Tile:
    waiting = watch.journal.pending + watch.journal.rejected + watch.journal.unwritten
    return Tile("journal", well=not waiting, detail=f"{waiting} 条记录还没有写进数据库" if waiting else "")
