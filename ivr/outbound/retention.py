"""What has been kept long enough is removed, once a day and by itself; the staff's pages show what that was."""

from datetime import datetime

import structlog
from sqlalchemy.orm import Session, sessionmaker

from care_records.services import retention
from care_records.services.retention import Keep
from ivr.config import Settings

log = structlog.get_logger()


class Retention:
    def __init__(self, sessions: sessionmaker[Session], settings: Settings) -> None:
        self._sessions = sessions
        self._data_dir = settings.data_dir
        self._keep = Keep(settings.keep_audio_days, settings.keep_request_years, settings.keep_access_days)

    def run(self, now: datetime) -> int:
        """Removes what is too old; how many recordings, requests and lines of the trail. Raises what database or disk
        raise: nothing is forgotten then that is still there."""
        count = 0
        while True:
            with self._sessions.begin() as session:
                removed = retention.run(session, now, self._keep)
                for name in removed.files:
                    self._delete(name)
            count += len(removed.files) + removed.requests + removed.accesses
            if not removed.more:
                log.info("retention_run", removed=count)
                return count

    def _delete(self, name: str) -> None:
        path = (self._data_dir / name).resolve()
        if not path.is_relative_to(self._data_dir.resolve()):
            log.critical("recording_outside_the_data_folder")
            return
        path.unlink(missing_ok=True)
