"""Settings: each is documented, a bad one is named, and a real line does not start without its secrets."""

import re
from pathlib import Path

import pytest

from ivr.config import Settings, SettingsError, load_settings
from ivr.secrets import complete

ROOT = Path(__file__).parent.parent


def test_every_setting_is_documented_and_every_documented_setting_exists() -> None:
    documented = set(re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs/settings.md").read_text("utf-8"), re.MULTILINE))
    assert documented == {field.alias for field in Settings.model_fields.values()}


def test_the_documented_defaults_are_the_real_ones() -> None:
    page = (ROOT / "docs/settings.md").read_text("utf-8")
    documented = dict(re.findall(r"^\| `([A-Z_]+)` \| `([^`]+)`", page, re.MULTILINE))
    for field in Settings.model_fields.values():
        if field.alias in documented:
            default = f"{field.default:g}" if isinstance(field.default, float) else str(field.default)
            assert documented[field.alias].lower() == default.lower(), field.alias


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CARELINE_LINE_NUMBER", "eight"),
        ("CARELINE_PUBLIC_URL", "line.example.org"),
        ("CARELINE_TIMEZONE", "Asia/Suzhou"),
        ("CARELINE_OFFICE_HOURS", "17:00-08:30"),
        ("CARELINE_OFFICE_HOURS", "8-17"),
        ("CARELINE_OFFICE_HOURS", "25:00-26:00"),
        ("CARELINE_OFFICE_DAYS", "1-5"),
        ("CARELINE_NO_INPUT_SECONDS", "soon"),
        ("CARELINE_RING_SECONDS", "0"),
        ("CARELINE_VOICE", "robot"),
    ],
)
def test_a_bad_setting_is_refused_by_its_name(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        load_settings()


def test_a_real_line_names_the_secrets_that_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"):
        complete(settings(tmp_path))
    with pytest.raises(SettingsError, match=r"^TWILIO_AUTH_TOKEN must"):
        complete(settings(tmp_path, TWILIO_ACCOUNT_SID="AC1"))


def test_an_empty_secret_is_a_missing_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="TWILIO_AUTH_TOKEN"):
        complete(settings(tmp_path, TWILIO_ACCOUNT_SID="AC1", TWILIO_AUTH_TOKEN=""))


def test_made_up_secrets_are_kept_and_only_the_owner_can_read_them(tmp_path: Path) -> None:
    first, second = (complete(settings(tmp_path, CARELINE_SIMULATOR=True)) for _ in range(2))
    assert first.secret_key == second.secret_key
    assert first.twilio_auth_token == second.twilio_auth_token
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_secrets_do_not_show_when_settings_are_printed(tmp_path: Path) -> None:
    complete_settings = complete(settings(tmp_path, CARELINE_SIMULATOR=True))
    assert complete_settings.secret_key
    assert complete_settings.secret_key.get_secret_value() not in repr(complete_settings)


def settings(data_dir: Path, **values: object) -> Settings:
    return Settings(_env_file=None, CARELINE_DATA_DIR=data_dir, **values)  # type: ignore[call-arg, arg-type]
