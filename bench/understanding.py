"""Sentences a minute on one core."""

import time
from itertools import cycle, islice
from statistics import median

from rich.table import Table

from ivr.understanding import load_understanding

SENTENCES = (
    "我胸口有点闷，气也上不来",
    "昨天在厨房里摔了一跤，今天没事了",
    "喂，我想问问老年大学什么时候开学啊，我那个书法班还报得上名吗",
    "没有没有，我都好的，谢谢你们",
    "水龙头坏了，滴滴答答漏了两天了，你们能不能派个人来修一修",
    "降压药快吃完了，儿子在外地回不来，想请人帮我配点药",
    "再说一遍",
    "今天天气蛮好，我在楼下走了一圈，碰到老王，两个人讲了半天闲话",
)
ROUNDS, SENTENCES_A_ROUND = 5, 8000


def table() -> Table:
    understand = load_understanding("zh_CN").understand
    seconds = [_round(understand) for _ in range(ROUNDS)]
    result = Table(title="understanding, one core")
    for heading in ("sentences", "sentences a minute (median of rounds)", "slowest round"):
        result.add_column(heading, justify="right")
    rates = [SENTENCES_A_ROUND / s * 60 for s in seconds]
    result.add_row(str(SENTENCES_A_ROUND * ROUNDS), f"{median(rates):,.0f}", f"{min(rates):,.0f}")
    return result


def _round(understand) -> float:  # type: ignore[no-untyped-def]
    started = time.perf_counter()
    for sentence in islice(cycle(SENTENCES), SENTENCES_A_ROUND):
        understand(sentence, "menu")
    return time.perf_counter() - started
