"""A line with nothing behind its telephony: calls are scripted, audio is two bytes."""

from pathlib import Path

import pytest
from flask import Flask
from pydantic import SecretStr

from ivr.config import Settings
from ivr.dialog.model import Turn
from ivr.telephony import Hearing, create_blueprint
from prompts import Catalogue
from tests.telephony.scripted import ScriptedCalls, ScriptedEars, ScriptedEnder, ScriptedMedia, ScriptedStudio
from tests.telephony.signing import ACCOUNT, BASE, TOKEN, SignedClient
from tests.telephony.turns import TEXTS, a_turn


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        _env_file=None,
        data_dir=tmp_path,
        public_url=BASE,
        secret_key=SecretStr("a secret of the tests"),
        twilio_account_sid=ACCOUNT,
        twilio_auth_token=SecretStr(TOKEN),
    )


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return Catalogue("zh_CN", TEXTS, tmp_path)


@pytest.fixture
def turn() -> Turn:
    return a_turn()


@pytest.fixture
def calls(turn: Turn) -> ScriptedCalls:
    return ScriptedCalls(turn)


@pytest.fixture
def ears() -> ScriptedEars:
    return ScriptedEars()


@pytest.fixture
def media() -> ScriptedMedia:
    return ScriptedMedia()


@pytest.fixture
def app(
    settings: Settings, calls: ScriptedCalls, catalogue: Catalogue, ears: ScriptedEars, media: ScriptedMedia
) -> Flask:
    app = Flask(__name__)
    app.testing = True
    hearing = Hearing(media.fetch, ears, threads=2)
    app.register_blueprint(
        create_blueprint(settings, calls, ScriptedStudio(), catalogue, hearing, end_call=ScriptedEnder())  # type: ignore[arg-type]
    )
    return app


@pytest.fixture
def phone(app: Flask) -> SignedClient:
    return SignedClient(app)
