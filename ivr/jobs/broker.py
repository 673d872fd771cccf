"""The Celery application: which broker carries the ids, and how."""

from pathlib import Path
from typing import Any, Final

from celery import Celery, signals
from kombu import Exchange, Queue
from kombu.transport import TRANSPORT_ALIASES

from ivr.config import Settings

URGENT, CALLS, UPKEEP = "careline.urgent", "careline.calls", "careline.upkeep"
QUEUES: Final = (URGENT, CALLS, UPKEEP)
"""A worker takes from each in turn, so that no queue waits for another to be empty."""

FOLDER: Final = "folder"
"""The scheme of the broker that needs no server."""
CONNECT_S: Final = 2.0
"""How long a broker may take to answer, for the web as for the worker."""
LATE_S: Final = 60.0
"""After so long a message is dropped unread: its row has been found again by then."""

_POLL_S: Final = 0.1


def make_celery(settings: Settings) -> Celery:
    """The application that both ends use, without tasks. Its broker is CARELINE_BROKER_URL, else the data folder."""
    app = Celery("careline", broker=settings.broker_url or f"{FOLDER}://localhost", set_as_current=False)
    app.conf.update(
        broker_transport_options=_transport_options(settings),
        broker_connection_timeout=CONNECT_S,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        task_queues=[Queue(name, Exchange(""), routing_key=name) for name in QUEUES],
        task_default_queue=CALLS,
        task_default_exchange="",
        task_acks_late=True,
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        task_publish_retry=False,
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
    )
    return app


def _transport_options(settings: Settings) -> dict[str, Any]:
    """The folder's own options, made with the folder; for a server, how soon to give up on it."""
    if settings.broker_url:
        return {"max_retries": 1, "interval_start": 0, "socket_connect_timeout": CONNECT_S, "socket_timeout": 10.0}
    folder = str(queue_folder(settings))
    return {"data_folder_in": folder, "data_folder_out": folder, "control_folder": folder, "polling_interval": _POLL_S}


def queue_folder(settings: Settings) -> Path:
    """Where messages wait when there is no server; there after this."""
    folder = settings.data_dir.resolve() / "queue"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _keep_log(**_: object) -> None:
    """Celery sets up no log of its own where somebody listens to this signal: ivr.logs has done so."""


TRANSPORT_ALIASES[FOLDER] = "ivr.jobs.folder:FolderTransport"
signals.setup_logging.connect(_keep_log)
