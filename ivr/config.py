"""Every setting of the line, in one frozen object; nothing else reads the environment."""

import re
from datetime import time
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from pydantic import AfterValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

OFFICE_HOURS = re.compile(r"^(\d\d:\d\d)-(\d\d:\d\d)$")


class SettingsError(Exception):
    """The settings do not make a line; the text names each setting and says what is wrong with it."""


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("must be a time zone such as Asia/Shanghai") from error
    return name


def _base_url(url: str | None) -> str | None:
    if not url:
        return None
    if not url.startswith(("http://", "https://")):
        raise ValueError("must start with http:// or https://")
    return url.rstrip("/")


class Settings(BaseSettings):
    """Field names are the environment's names in lower case; docs/settings.md describes each."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", frozen=True, extra="ignore", populate_by_name=True
    )

    # Where things are
    data_dir: Path = Field(Path("data"), alias="CARELINE_DATA_DIR")
    database_url: str | None = Field(None, alias="CARELINE_DATABASE_URL")
    public_url: Annotated[str | None, AfterValidator(_base_url)] = Field(None, alias="CARELINE_PUBLIC_URL")
    secret_key: SecretStr | None = Field(None, alias="CARELINE_SECRET_KEY")

    # The line
    line_number: str = Field("+8651200000000", alias="CARELINE_LINE_NUMBER")
    region: str = Field("CN", alias="CARELINE_REGION")
    area_code: str = Field("512", alias="CARELINE_AREA_CODE")
    timezone: Annotated[str, AfterValidator(_zone)] = Field("Asia/Shanghai", alias="CARELINE_TIMEZONE")
    language: str = Field("zh_CN", alias="CARELINE_LANGUAGE")
    voice: Literal["recorded", "provider"] = Field("recorded", alias="CARELINE_VOICE")
    provider_voice: str = Field("Polly.Zhiyu-Neural", alias="CARELINE_PROVIDER_VOICE")
    person_first: bool = Field(False, alias="CARELINE_PERSON_FIRST")
    office_days: str = Field("12345", alias="CARELINE_OFFICE_DAYS", pattern=r"^[1-7]*$")
    office_hours: str = Field("08:30-17:00", alias="CARELINE_OFFICE_HOURS")

    # The provider behind the Twilio interface
    twilio_account_sid: str | None = Field(None, alias="TWILIO_ACCOUNT_SID")
    twilio_auth_token: SecretStr | None = Field(None, alias="TWILIO_AUTH_TOKEN")
    twilio_api_url: Annotated[str | None, AfterValidator(_base_url)] = Field(None, alias="TWILIO_API_URL")
    simulator: bool = Field(False, alias="CARELINE_SIMULATOR")

    # How the line hears
    speech_model: str = Field("shipped", alias="CARELINE_SPEECH_MODEL")
    message_model: str = Field("", alias="CARELINE_MESSAGE_MODEL")

    # How long the line waits, in seconds (CARE: decided values)
    no_input_s: int = Field(10, alias="CARELINE_NO_INPUT_SECONDS", ge=2, le=60)
    ring_s: int = Field(15, alias="CARELINE_RING_SECONDS", ge=5, le=120)
    message_s: int = Field(60, alias="CARELINE_MESSAGE_SECONDS", ge=10, le=300)
    message_silence_s: int = Field(3, alias="CARELINE_MESSAGE_SILENCE_SECONDS", ge=1, le=20)

    # Wellbeing calls (CARE: decided values)
    check_in_age: int = Field(90, alias="CARELINE_CHECK_IN_AGE", ge=0, le=120)
    call_windows: str = Field("08:30-11:00,14:30-17:00", alias="CARELINE_CALL_WINDOWS")
    check_in_ring_s: int = Field(60, alias="CARELINE_CHECK_IN_RING_SECONDS", ge=10, le=600)
    tries: int = Field(3, alias="CARELINE_TRIES", ge=1, le=10)
    retry_min: int = Field(15, alias="CARELINE_RETRY_MINUTES", ge=1, le=240)
    hand_over_min: int = Field(5, alias="CARELINE_HAND_OVER_MINUTES", ge=0, le=240)
    later_min: int = Field(30, alias="CARELINE_LATER_MINUTES", ge=5, le=240)
    calls_per_second: float = Field(1.0, alias="CARELINE_CALLS_PER_SECOND", gt=0, le=10_000)
    machine_detection: bool = Field(True, alias="CARELINE_MACHINE_DETECTION")

    # Escalation (CARE: decided values)
    alarm_grace_s: int = Field(60, alias="CARELINE_ALARM_GRACE_SECONDS", ge=0, le=600)
    officer_ring_s: int = Field(30, alias="CARELINE_OFFICER_RING_SECONDS", ge=10, le=120)
    lap_min: int = Field(3, alias="CARELINE_LAP_MINUTES", ge=1, le=60)
    resolve_min: int = Field(60, alias="CARELINE_RESOLVE_MINUTES", ge=5, le=1440)
    stalled_min: int = Field(5, alias="CARELINE_STALLED_MINUTES", ge=1, le=60)

    # Jobs
    broker_url: str | None = Field(None, alias="CARELINE_BROKER_URL")
    worker_threads: int = Field(4, alias="CARELINE_WORKER_THREADS", ge=1, le=200)

    # How long things are kept (the law: as short as can be)
    keep_audio_days: int = Field(90, alias="CARELINE_KEEP_AUDIO_DAYS", ge=1)
    keep_request_years: int = Field(3, alias="CARELINE_KEEP_REQUEST_YEARS", ge=1)
    keep_access_days: int = Field(365, alias="CARELINE_KEEP_ACCESS_DAYS", ge=183)

    # The server
    proxies: int = Field(0, alias="CARELINE_PROXIES", ge=0, le=5)
    threads: int = Field(64, alias="CARELINE_THREADS", ge=1, le=1000)
    database_wait_s: float = Field(2.0, alias="CARELINE_DATABASE_WAIT_SECONDS", gt=0, le=10)
    sweep_s: float = Field(15.0, alias="CARELINE_SWEEP_SECONDS", gt=0)
    log_format: Literal["json", "console"] = Field("json", alias="CARELINE_LOG_FORMAT")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", alias="CARELINE_LOG_LEVEL")

    @field_validator("line_number")
    @classmethod
    def _e164(cls, value: str) -> str:
        try:
            number = phonenumbers.parse(value, None)
        except phonenumbers.NumberParseException as error:
            raise ValueError("must be a telephone number in E.164, such as +8651252880000") from error
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    @field_validator("office_hours")
    @classmethod
    def _hours(cls, value: str) -> str:
        match = OFFICE_HOURS.match(value)
        if not match or time.fromisoformat(match[1]) >= time.fromisoformat(match[2]):
            raise ValueError("must look like 08:30-17:00")
        return value

    @field_validator("call_windows")
    @classmethod
    def _windows(cls, value: str) -> str:
        if not all(OFFICE_HOURS.match(window.strip()) for window in value.split(",")):
            raise ValueError("must look like 08:30-11:00,14:30-17:00")
        times = [time.fromisoformat(at.strip()) for window in value.split(",") for at in window.split("-")]
        if times != sorted(set(times)):
            raise ValueError("must be windows that end after they begin, in the order of the day, none into another")
        return value

    @property
    def windows(self) -> tuple[tuple[time, time], ...]:
        """The parts of the day in which people may be rung, local time, in order; none reaches over midnight."""
        pairs = (window.split("-") for window in self.call_windows.split(","))
        return tuple((time.fromisoformat(begin.strip()), time.fromisoformat(end.strip())) for begin, end in pairs)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def database(self) -> str:
        """The SQLAlchemy URL; a SQLite file in the data folder unless one is set."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'careline.db'}"


def load_settings() -> Settings:
    """The settings from the environment and .env. Raises SettingsError naming what is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(f"{item['loc'][0]}: {item['msg']}" for item in error.errors(include_input=False))
        raise SettingsError(wrong) from None
