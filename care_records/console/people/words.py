"""What the records call things about people, in the words of the office."""

from collections.abc import Mapping
from typing import Final

from care_records.console.languages import lazy_gettext
from care_records.models.people import Category, CheckInPlan, ContactKind, Sex

SEXES: Final[Mapping[str, str]] = {Sex.MALE: lazy_gettext("男"), Sex.FEMALE: lazy_gettext("女")}
CATEGORIES: Final[Mapping[str, str]] = {
    Category.LIXIU: lazy_gettext("离休"),
    Category.TUIXIU: lazy_gettext("退休"),
}
CONTACTS: Final[Mapping[str, str]] = {
    ContactKind.FAMILY: lazy_gettext("家属"),
    ContactKind.KEYHOLDER: lazy_gettext("保管钥匙"),
    ContactKind.NEIGHBOUR: lazy_gettext("邻居"),
}
PLANS: Final[Mapping[str, str]] = {
    "": lazy_gettext("按年龄"),
    CheckInPlan.DAILY: lazy_gettext("每天"),
    CheckInPlan.THRICE_WEEKLY: lazy_gettext("每周三次"),
    CheckInPlan.WEEKLY: lazy_gettext("每周一次"),
    CheckInPlan.NONE: lazy_gettext("不打"),
}
CONSENTS: Final[Mapping[str, str]] = {
    "": lazy_gettext("没有问过"),
    "yes": lazy_gettext("同意"),
    "no": lazy_gettext("不同意"),
}
CHOICES: Final[Mapping[str, str]] = {"yes": lazy_gettext("是"), "no": lazy_gettext("否")}
FIELDS: Final[Mapping[str, str]] = {
    "name": lazy_gettext("姓名"),
    "address_as": lazy_gettext("称呼"),
    "sex": lazy_gettext("性别"),
    "birth_date": lazy_gettext("出生日期"),
    "category": lazy_gettext("离退休"),
    "phone": lazy_gettext("电话"),
    "phone2": lazy_gettext("备用电话"),
    "address": lazy_gettext("住址"),
    "community_id": lazy_gettext("社区"),
    "lives_alone": lazy_gettext("独居"),
    "frail": lazy_gettext("体弱"),
    "illnesses": lazy_gettext("病史"),
    "hearing": lazy_gettext("听力"),
    "dialect": lazy_gettext("口音"),
    "slow_speech": lazy_gettext("电话里讲慢一点"),
    "nap_start": lazy_gettext("午睡开始"),
    "nap_end": lazy_gettext("午睡结束"),
    "liaison_officer_id": lazy_gettext("联系干部"),
    "check_in_plan": lazy_gettext("问候频率"),
    "check_in_slot": lazy_gettext("问候时间"),
    "consent_calls": lazy_gettext("同意接听问候电话"),
    "consent_recording": lazy_gettext("同意录音"),
    "notes": lazy_gettext("备注"),
    "contact": lazy_gettext("联系人"),
    "volunteer": lazy_gettext("志愿者"),
}
"""The fields of a card, and of its history."""
_VALUES: Final[Mapping[str, Mapping[str, str]]] = {
    "sex": SEXES,
    "category": CATEGORIES,
    "check_in_plan": PLANS,
    "consent_calls": CONSENTS,
    "consent_recording": CONSENTS,
    "lives_alone": CHOICES,
    "frail": CHOICES,
    "slow_speech": CHOICES,
}
KINDS: Final[Mapping[str, str]] = {
    "call": lazy_gettext("通话"),
    "check_in": lazy_gettext("问候"),
    "request": lazy_gettext("工单"),
    "pause": lazy_gettext("暂停问候"),
    "edit": lazy_gettext("改资料"),
}
"""What the line of time is made of."""
EDITS: Final[Mapping[str, str]] = {
    "added": lazy_gettext("建档"),
    "changed": lazy_gettext("改了资料"),
    "imported": lazy_gettext("从表格导入"),
    "contact": lazy_gettext("改了联系人"),
    "volunteer": lazy_gettext("改了志愿者"),
}
CHECK_INS: Final[Mapping[str, str]] = {
    "fine": lazy_gettext("平安"),
    "relative": lazy_gettext("家属代答"),
    "concern": lazy_gettext("需要跟进"),
    "silent": lazy_gettext("没有声音"),
    "unclear": lazy_gettext("没有听清"),
    "refused": lazy_gettext("不愿接听"),
    "unreached": lazy_gettext("没有人接"),
    "not_called": lazy_gettext("没有拨打"),
    "planned": lazy_gettext("还没有打"),
    "calling": lazy_gettext("正在打"),
    "waiting": lazy_gettext("等着再打"),
    "withdrawn": lazy_gettext("没有打，已撤回"),
}
"""By outcome; as long as there is none, by state."""


def value(field: str, text: str, names: Mapping[str, str]) -> str:
    """A value of a card's history as it is shown; `names` has those of communities and staff, by `field:id`."""
    if field in ("community_id", "liaison_officer_id"):
        return names.get(f"{field}:{text}", text)
    return _VALUES.get(field, {}).get(text, text)
