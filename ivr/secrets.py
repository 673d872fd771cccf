"""Secrets: what must be configured, and what the line makes for itself once and keeps in its data folder."""

import os
import secrets
from pathlib import Path

from pydantic import SecretStr

from ivr.config import Settings, SettingsError

SIMULATED_ACCOUNT = "AC" + "0" * 32


def complete(settings: Settings) -> Settings:
    """The settings with every secret present.

    The line makes its own secret key; the simulator's account is made up likewise. A real provider's credentials
    cannot be invented: without them SettingsError names what is missing.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    found: dict[str, object] = {}
    if not settings.secret_key:
        found["secret_key"] = SecretStr(_kept(settings.data_dir / "secret_key"))
    if settings.simulator:
        token = settings.twilio_auth_token or SecretStr(_kept(settings.data_dir / "simulator_token"))
        found |= {"twilio_account_sid": settings.twilio_account_sid or SIMULATED_ACCOUNT, "twilio_auth_token": token}
    else:
        _require_provider(settings)
    return settings.model_copy(update=found)


def _require_provider(settings: Settings) -> None:
    wanted = {"TWILIO_ACCOUNT_SID": settings.twilio_account_sid, "TWILIO_AUTH_TOKEN": settings.twilio_auth_token}
    missing = [name for name, value in wanted.items() if not value]
    if missing:
        raise SettingsError(
            f"{' and '.join(missing)} must be set for a real line; the demonstration, `make run`, needs none"
        )


def demo_password(settings: Settings) -> str:
    """The password of the demonstration's account, the same for as long as the data folder is."""
    return _kept(settings.data_dir / "demo_password")[:12]


def _kept(path: Path) -> str:
    """The secret in this file, made on first use. Two processes starting at once end up with the same one."""
    candidate = path.with_name(f"{path.name}.{os.getpid()}")
    if not path.exists():
        candidate.touch(mode=0o600)
        candidate.write_text(secrets.token_hex(32))
        try:
            os.link(candidate, path)
        except FileExistsError:
            pass
        finally:
            candidate.unlink()
    return path.read_text().strip()
