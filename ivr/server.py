"""The part that answers the telephone, as a server."""

import gc
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication

from care_records.console import end_streams_when
from ivr.addresses import local_url
from ivr.app import create_app, services_of
from ivr.config import Settings


def serve(settings: Settings, host: str, port: int) -> None:
    """Answers until SIGTERM or SIGINT, then what is under way. The settings are complete."""
    _say_where(settings, host, port)
    Server(settings, host, port).run()


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn is not typed
    """gunicorn with one process and many threads: the conversations are short, and the C code lets go of the lock."""

    def __init__(self, settings: Settings, host: str, port: int) -> None:
        self.settings = settings
        self.options = {
            "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            "worker_class": "gthread",
            "workers": 1,
            "threads": settings.threads,
            "worker_connections": max(1000, settings.threads * 4),
            "keepalive": 30,
            "timeout": 60,
            "graceful_timeout": 15,
            "control_socket_disable": True,
            "loglevel": "warning",
            "post_worker_init": begin,
            "worker_exit": close,
        }
        self.local_url = local_url(port)
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return create_app(self.settings, local_url=self.local_url)


def begin(worker: Any) -> None:
    """gunicorn's hook: runs in the process that serves, after the application is made.

    What is there by now stays for good, so the garbage collector need not walk it again in the middle of a call.
    """
    app = worker.app.wsgi()
    services_of(app).replaying.start()
    end_streams_when(app, lambda: not worker.alive)
    gc.collect()
    gc.freeze()


def close(_arbiter: Any, worker: Any) -> None:
    """gunicorn's hook: runs in the process that has served, when it ends; it may never have had an application."""
    if worker.app.callable:
        services_of(worker.app.callable).close()


def _say_where(settings: Settings, host: str, port: int) -> None:
    here = f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{port}"  # noqa: S104
    base = settings.public_url or here
    if settings.simulator:
        click.echo(f"  the browser phone      {here}/phone")
    click.echo(f"  the staff's pages      {base}/console")
    click.echo(f"  the line's webhook     {base}/twilio/voice     (when it fails: {base}/twilio/fallback)")
    click.echo(f"  its status callback    {base}/twilio/status")
    click.echo(f"  how it is              {here}/healthz and {here}/metrics")
