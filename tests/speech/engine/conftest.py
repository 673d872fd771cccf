"""The shipped model in a running engine, and a synthetic caller who speaks over a telephone line."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from prompts import Studio, load_catalogue
from speech.engine import Engine, open_engine
from speech.engine.audio import pcm_of
from speech.models import shipped
from speech.telephone import Line, telephone

SMALL_MENU = ("我要帮忙", "救命", "听新闻", "没事", "摔倒了", "不舒服", "再说一遍", "人工", "不要")
YES_NO = ("是的", "不是", "救命", "不舒服", "再说一遍")


@pytest.fixture(scope="session")
def shipped_model() -> Path:
    if not (shipped() / "am").is_dir():
        pytest.skip("this checkout has no speech model")
    return shipped()


@pytest.fixture(scope="session")
def engine(shipped_model: Path) -> Iterator[Engine]:
    with open_engine(shipped_model, workers=2) as opened:
        opened.prepare("menu", SMALL_MENU)
        opened.prepare("yes_no", YES_NO)
        yield opened


@pytest.fixture
def fragile(shipped_model: Path) -> Iterator[Engine]:
    """An engine of one worker that a test may break."""
    with open_engine(shipped_model, workers=1, timeout_s=5) as opened:
        opened.prepare("menu", SMALL_MENU)
        yield opened


@pytest.fixture(scope="session")
def say(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], bytes]:
    """16-bit samples of a text as they arrive over a good mu-law line, the same every time."""
    studio = Studio(load_catalogue("zh_CN"), tmp_path_factory.mktemp("studio"))

    def spoken(text: str) -> bytes:
        voice = np.frombuffer(pcm_of(studio.spoken(text)), "<i2").astype(np.float32)
        return telephone(voice, Line(snr_db=30), np.random.default_rng(7)).astype("<i2").tobytes()

    return spoken


@pytest.fixture
def model_folder(tmp_path: Path) -> Path:
    """A folder in the shape of a model, of which only the shape is right."""
    folder = tmp_path / "model"
    for path, content in {
        "am/final.mdl": b"\0B<TransitionModel>",
        "conf/mfcc.conf": b"--sample-frequency=8000\n--dither=0\n",
        "conf/model.conf": b"--beam=13.0\n",
        "graph/words.txt": "<eps> 0\n没事 1\n好 2\n[unk] 3\n#0 4\n".encode(),
        "graph/HCLr.fst": b"\xd6\xfd\xb2\x7e HCLr",
        "graph/Gr.fst": b"\xd6\xfd\xb2\x7e Gr",
        "graph/disambig_tid.int": b"1000000\n",
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder
