"""The entries of texts.yaml as they stand in the file."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
TEXTS: dict[str, str] = yaml.safe_load((ROOT / "prompts/zh_CN/texts.yaml").read_text(encoding="utf-8"))
SLOT = re.compile(r"\{(\w+)\}")
