"""The names of roles, of what is wrong with a password, and of what the audit trail tells."""

from typing import Final

from care_records.console.languages import lazy_gettext
from care_records.models.accounts import Role
from care_records.services.passwords import Weakness

ROLES: Final = {
    Role.VIEWER: lazy_gettext("查看"),
    Role.OFFICER: lazy_gettext("值班员"),
    Role.MANAGER: lazy_gettext("主管"),
    Role.ADMIN: lazy_gettext("管理员"),
}
MAY: Final = {
    Role.VIEWER: lazy_gettext("只看，什么都不能改。"),
    Role.OFFICER: lazy_gettext("办工单、回电话、记问候。"),
    Role.MANAGER: lazy_gettext("还能改人员、排班、彩虹桥。"),
    Role.ADMIN: lazy_gettext("还能管账户、看操作记录。"),
}
WEAK: Final = {
    Weakness.TOO_SHORT: lazy_gettext("密码至少要十个字符。"),
    Weakness.TOO_LONG: lazy_gettext("密码最多两百个字符。"),
    Weakness.TOO_EVEN: lazy_gettext("密码里不同的字符太少。"),
    Weakness.HAS_THE_NAME: lazy_gettext("密码里不能有用户名。"),
}
ACTIONS: Final = {
    "sign_in.accepted": lazy_gettext("登录"),
    "sign_in.refused": lazy_gettext("登录被拒绝"),
    "sign_in.ended": lazy_gettext("退出"),
    "account.added": lazy_gettext("新建账户"),
    "account.role_changed": lazy_gettext("改了角色"),
    "account.password_changed": lazy_gettext("改了自己的密码"),
    "account.password_reset": lazy_gettext("重设了密码"),
    "account.stopped": lazy_gettext("停用账户"),
    "account.resumed": lazy_gettext("恢复账户"),
    "account.codes_on": lazy_gettext("开启验证码"),
    "account.codes_off": lazy_gettext("关闭验证码"),
    "recording.played": lazy_gettext("听了录音"),
    "recording.corrected": lazy_gettext("改了文字记录"),
    "call.opened": lazy_gettext("看了通话"),
    "person.opened": lazy_gettext("看了人员资料"),
    "person.added": lazy_gettext("新建人员资料"),
    "person.changed": lazy_gettext("改了人员资料"),
    "person.exported": lazy_gettext("导出个人资料"),
    "person.erased": lazy_gettext("删除个人资料"),
    "people.exported": lazy_gettext("导出人员名册"),
    "people.imported": lazy_gettext("导入人员名册"),
    "request.opened": lazy_gettext("看了工单"),
    "requests.exported": lazy_gettext("导出工单"),
    "calls.exported": lazy_gettext("导出通话"),
    "check_ins.exported": lazy_gettext("导出问候记录"),
    "report.exported": lazy_gettext("导出报表"),
    "check_in.seen": lazy_gettext("记下见到本人"),
    "check_ins.read": lazy_gettext("看了问候记录"),
    "check_ins.pause_ended": lazy_gettext("提前结束暂停"),
    "check_ins.plan_changed": lazy_gettext("改了问候安排"),
    "round.started": lazy_gettext("开始一轮问候"),
    "round.stopped": lazy_gettext("停止一轮问候"),
    "duty.shift_added": lazy_gettext("加了值班"),
    "duty.shift_changed": lazy_gettext("改了值班"),
    "duty.shift_removed": lazy_gettext("去掉值班"),
    "duty.order_changed": lazy_gettext("改了值班顺序"),
    "duty.staff_changed": lazy_gettext("改了值班人员"),
    "bulletin.published": lazy_gettext("发布彩虹桥"),
    "bulletin.withdrawn": lazy_gettext("撤下彩虹桥"),
}
SUBJECTS: Final = {
    "account": lazy_gettext("账户"),
    "call": lazy_gettext("通话"),
    "check_in": lazy_gettext("问候"),
    "person": lazy_gettext("人员"),
    "recording": lazy_gettext("录音"),
    "request": lazy_gettext("工单"),
    "round": lazy_gettext("问候活动"),
    "shift": lazy_gettext("值班安排"),
    "staff": lazy_gettext("工作人员"),
    "bulletin": lazy_gettext("彩虹桥"),
}


def action(name: str) -> str:
    """What was done, in words; what has no words yet is shown as it is kept."""
    return ACTIONS.get(name, name)


def subject(kind: str | None, number: int | None) -> str:
    """What it was done to: 录音 7."""
    return "" if kind is None else f"{SUBJECTS.get(kind, kind)} {number}"
