"""The duty list: whoever has a shift, then the standing order; never nobody, if the list can help it."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from care_records.models import Shift, Staff
from care_records.services import duty
from tests.care_records.builders import NOW, make_officer

HOUR = timedelta(hours=1)
FORTNIGHT = timedelta(days=14)


def stored(session: Session, name: str, **values: object) -> Staff:
    officer = make_officer(name=name, **values)
    session.add(officer)
    session.flush()
    return officer


def names(session: Session, at: datetime) -> list[str]:
    return [officer.name for officer in duty.officers(session, at)]


def test_whoever_has_a_shift_is_rung_before_the_standing_order(session: Session) -> None:
    stored(session, "甲", duty_rank=1)
    second = stored(session, "乙", duty_rank=2)
    guest = stored(session, "丙", duty_rank=None)
    for officer in (guest, second):
        duty.add_shift(session, officer, NOW, NOW + HOUR)
    duty.add_shift(session, second, NOW - HOUR, NOW + HOUR)

    assert names(session, NOW) == ["乙", "丙", "甲"]
    assert names(session, NOW + HOUR) == ["甲", "乙"]


@pytest.mark.parametrize("values", [{"active": False}, {"phone": None}])
def test_who_cannot_be_rung_has_no_shift(session: Session, values: dict[str, object]) -> None:
    officer = stored(session, "甲", **values)

    with pytest.raises(duty.NotReachable):
        duty.add_shift(session, officer, NOW, NOW + HOUR)


def test_a_shift_that_ends_before_it_begins_is_refused(session: Session) -> None:
    with pytest.raises(ValueError, match="ends after it begins"):
        duty.add_shift(session, stored(session, "甲"), NOW, NOW)


def test_the_times_with_nobody_are_known(session: Session) -> None:
    officer = stored(session, "甲", duty_rank=None)
    for begin, end in ((1, 3), (2, 4), (6, 7)):
        duty.add_shift(session, officer, NOW + begin * HOUR, NOW + end * HOUR)

    found = duty.gaps(session, NOW, NOW + 8 * HOUR)
    hours = [((begin - NOW) / HOUR, (end - NOW) / HOUR) for begin, end in found]
    assert hours == [(0, 1), (4, 6), (7, 8)]
    assert duty.gaps(session, NOW + 2 * HOUR, NOW + 4 * HOUR) == []


def test_with_a_standing_order_there_is_always_somebody(session: Session) -> None:
    stored(session, "甲")

    assert duty.gaps(session, NOW, NOW + FORTNIGHT) == []


def test_a_shift_of_somebody_who_has_lost_their_telephone_covers_nothing(session: Session) -> None:
    officer = stored(session, "甲", duty_rank=None)
    duty.add_shift(session, officer, NOW, NOW + HOUR)
    officer.phone = None
    session.flush()

    assert duty.gaps(session, NOW, NOW + HOUR) == [(NOW, NOW + HOUR)]
    assert duty.officers(session, NOW) == []


def test_the_last_officer_cannot_be_taken_off_the_list(session: Session) -> None:
    officer = stored(session, "甲")
    for active, phone in ((True, officer.phone), (False, officer.phone), (True, None)):
        with pytest.raises(duty.EmptyDutyRoster) as refused:
            duty.set_duty(session, officer, NOW, duty_rank=None, active=active, phone=phone)
        assert refused.value.gaps == [(NOW, NOW + FORTNIGHT)]
    session.expire_all()

    assert names(session, NOW) == ["甲"]


def test_the_last_but_one_may_go(session: Session) -> None:
    officer, _ = stored(session, "甲"), stored(session, "乙", duty_rank=2)
    duty.set_duty(session, officer, NOW, duty_rank=None, active=True, phone=officer.phone)

    assert names(session, NOW) == ["乙"]


def test_a_rank_without_a_telephone_is_refused(session: Session) -> None:
    officer = stored(session, "甲")

    with pytest.raises(duty.NotReachable):
        duty.set_duty(session, officer, NOW, duty_rank=1, active=True, phone=None)


def test_a_shift_that_nobody_else_covers_stays(session: Session) -> None:
    officer = stored(session, "甲", duty_rank=None)
    first = duty.add_shift(session, officer, NOW, NOW + 10 * HOUR)
    second = duty.add_shift(session, officer, NOW + 2 * HOUR, NOW + 3 * HOUR)
    duty.remove_shift(session, second, NOW)
    with pytest.raises(duty.EmptyDutyRoster):
        duty.remove_shift(session, first, NOW)

    assert session.scalars(select(Shift)).all() == [first]


def test_a_list_with_gaps_is_mended_step_by_step(session: Session) -> None:
    officer = stored(session, "甲", duty_rank=None)
    duty.set_duty(session, officer, NOW, duty_rank=None, active=True, phone="+8651200009005")
    duty.add_shift(session, officer, NOW, NOW + HOUR)
    duty.set_duty(session, officer, NOW, duty_rank=1, active=True, phone="+8651200009005")

    assert duty.gaps(session, NOW, NOW + FORTNIGHT) == []


def test_a_shift_that_is_over_may_be_removed(session: Session) -> None:
    officer = stored(session, "甲", duty_rank=None)
    past = duty.add_shift(session, officer, NOW - 2 * HOUR, NOW - HOUR)
    duty.remove_shift(session, past, NOW)

    assert session.scalars(select(Shift)).all() == []
