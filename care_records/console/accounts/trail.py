"""The audit trail (操作记录), for administrators: who did what, and who looked at what."""

from datetime import date

from flask import render_template, request

from care_records.console.accounts import data, words
from care_records.console.accounts.pages import pages
from care_records.console.context import reading, settings
from care_records.console.forms import Form, read
from care_records.console.guards import requires
from care_records.console.paging import asked_page
from care_records.models.accounts import Role
from care_records.services import accounts


class Wanted(Form):
    account: int | None = None
    action: str | None = None
    first: date | None = None
    last: date | None = None


@pages.get("/trail")
@requires(Role.ADMIN)
def trail() -> str:
    form = read(Wanted, request.args)
    wanted = form.value or Wanted()
    with reading() as session:
        page = data.trail(
            session,
            asked_page(),
            settings().zone,
            account_id=wanted.account,
            action=wanted.action,
            first=wanted.first,
            last=wanted.last,
        )
        choices = [(account.id, account.display_name) for account in accounts.everybody(session)]
    return render_template("accounts/trail.html", form=form, page=page, choices=choices, words=words)
