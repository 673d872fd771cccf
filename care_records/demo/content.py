"""What the demo line has to tell: bulletins that stay true, and activities in the days to come."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from care_records.models import Activity, Bulletin, Community

BULLETINS: Final = (
    ("彩虹桥向您问好", "老同志，您好。我们一直惦记着您。有事没事，都可以打这个电话。您多保重身体。"),
    ("活动中心来了新书", "活动中心来了一批新书。字印得大，看着不费眼。您想看哪一本，告诉我们。我们请人给您送到家。"),
    (
        "星期三量血压",
        "每个星期三上午，有医生来。地方就在社区活动室。量血压，查血糖，都不收钱。走不动的，医生上门来看您。",
    ),
    (
        "志愿者来看您",
        "这个月，志愿者要来看您。陪您说说话，帮您擦擦窗。来之前，会先打电话给您。您有什么事，尽管跟他们讲。",
    ),
    ("合唱队练歌了", "合唱队又开始练歌了。唱的都是您熟悉的老歌。不会唱，来听听也很好。我们给您泡好了茶。"),
)
"""Title and text; a sentence takes at most eight seconds to say."""

_NEARBY: Final = (
    ("量血压", time(9, 0), "活动室", "医生给您量血压，不收钱。"),
    ("唱老歌", time(9, 30), "活动室", "大家一起唱老歌。来的人都有茶喝。"),
    ("听评弹", time(14, 30), "大厅", "苏州来的先生，唱三段评弹。"),
    ("写毛笔字", time(14, 0), "书画室", "纸和笔，我们都准备好了。"),
    ("做手指操", time(9, 0), "活动室", "坐着就能做，人人学得会。"),
)
_EVERYWHERE: Final = (
    ("看老电影", time(14, 30), "老干部活动中心", "放的是老电影，车子接您来回。"),
    ("健康讲座", time(9, 30), "老干部活动中心", "医生讲讲怎样睡得好。车子接您来回。"),
)


def bulletins(now: datetime) -> Iterator[Bulletin]:
    """The first in BULLETINS is the newest."""
    for days, (title, text) in enumerate(BULLETINS):
        yield Bulletin(title=title, text=text, published_at=now - timedelta(days=days, hours=1))


def activities(today: date, zone: ZoneInfo, communities: Sequence[Community]) -> Iterator[Activity]:
    """Three in each community and two for everybody, from tomorrow on, within ten days. Communities have their ids."""
    for index, community in enumerate(communities):
        for turn in range(3):
            title, at, place, words = _NEARBY[(index + 2 * turn) % len(_NEARBY)]
            day = today + timedelta(days=1 + 3 * turn + index % 3)
            yield Activity(
                title=title,
                place=f"{community.name}{place}",
                text=words,
                starts_at=datetime.combine(day, at, zone),
                community_id=community.id,
            )
    for turn, (title, at, place, words) in enumerate(_EVERYWHERE):
        starts_at = datetime.combine(today + timedelta(days=4 + 5 * turn), at, zone)
        yield Activity(title=title, place=place, text=words, starts_at=starts_at)
