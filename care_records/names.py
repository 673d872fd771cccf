"""How people are addressed."""

import re
from typing import Final

_HAN: Final = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]+")
_COMPOUND_SURNAME: Final = re.compile(
    "欧阳|司马|诸葛|上官|司徒|司空|东方|东郭|西门|南宫|独孤|夏侯|皇甫|尉迟|公孙|公冶|公羊|慕容|令狐|宇文|长孙|轩辕|"
    "端木|百里|呼延|闻人|澹台|宗政|濮阳|淳于|单于|太叔|申屠|仲孙|钟离|鲜于|闾丘|万俟|赫连|拓跋|第五"
)


def address_for(name: str) -> str:
    """How somebody is addressed unless they have said so: 张老, 欧阳老; 老同志 where a name is not a Chinese one."""
    if not _HAN.fullmatch(name):
        return "老同志"
    compound = _COMPOUND_SURNAME.match(name) if len(name) > 2 else None
    return f"{compound[0] if compound else name[0]}老"
