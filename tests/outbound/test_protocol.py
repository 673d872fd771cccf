"""What follows from the tries so far."""

from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest

from care_records.models.check_ins import CheckInOutcome
from care_records.models.requests import Urgency
from ivr.outbound.protocol import Case, Fine, HandOver, Protocol, Ring, Try, Underway
from tests.outbound.line import MONDAY, PHONE, PHONE2, at, make_settings


@pytest.fixture
def protocol(tmp_path: Path) -> Protocol:
    return Protocol(make_settings(tmp_path))


def tried(result: str | None, begin: str, end: str | None = None, number: str = PHONE) -> Try:
    return Try(number, at(begin), at(end) if end else None, result)


def case(*tries: Try, due: str = "09:00", **values: object) -> Case:
    return replace(Case(MONDAY, at(due), tries, (PHONE,)), **values)  # type: ignore[arg-type]


def unreached(clock: str, *, go_on: bool = False) -> HandOver:
    return HandOver(at(clock), CheckInOutcome.UNREACHED, Urgency.ORANGE, "no_answer", go_on)


def test_the_first_try_is_at_the_planned_time(protocol: Protocol) -> None:
    assert protocol.next(case(), at("08:00")) == Ring(at("09:00"), PHONE)


def test_a_first_try_that_is_late_is_made_at_once_while_the_window_is_open(protocol: Protocol) -> None:
    assert protocol.next(case(), at("10:59")) == Ring(at("10:59"), PHONE)


def test_a_first_try_that_was_missed_goes_to_the_next_window(protocol: Protocol) -> None:
    assert protocol.next(case(), at("11:00")) == Ring(at("14:30"), PHONE)


@pytest.mark.parametrize("clock", ["17:00", "23:59:59"])
def test_when_no_window_is_left_people_are_told_the_same_day(protocol: Protocol, clock: str) -> None:
    assert protocol.next(case(), at(clock)) == HandOver(at(clock), CheckInOutcome.NOT_CALLED, Urgency.YELLOW, "no_time")


def test_whoever_is_frail_and_alone_and_was_not_called_is_looked_for_at_once(protocol: Protocol) -> None:
    step = protocol.next(case(frail_and_alone=True), at("17:00"))
    assert isinstance(step, HandOver)
    assert step.urgency is Urgency.ORANGE


def test_a_try_that_was_planned_for_a_nap_waits_for_its_end(protocol: Protocol) -> None:
    assert protocol.next(case(nap=(time(8, 45), time(9, 30))), at("09:00")) == Ring(at("09:30"), PHONE)


def test_a_nap_over_all_windows_leaves_it_to_people(protocol: Protocol) -> None:
    step = protocol.next(case(nap=(time(8), time(18))), at("09:00"))
    assert step == HandOver(at("09:00"), CheckInOutcome.NOT_CALLED, Urgency.YELLOW, "no_time")


def test_without_a_number_it_is_a_task_for_staff(protocol: Protocol) -> None:
    step = protocol.next(case(numbers=()), at("09:00"))
    assert step == HandOver(at("09:00"), CheckInOutcome.NOT_CALLED, Urgency.YELLOW, "no_number")


def test_nothing_follows_while_a_call_goes_on(protocol: Protocol) -> None:
    assert protocol.next(case(tried(None, "09:00")), at("09:30")) == Underway()


@pytest.mark.parametrize("result", ["no_answer", "busy", "failed", "canceled", "machine", "lost", "hung_up"])
def test_whatever_is_no_answer_is_tried_again_15_minutes_after_its_end(protocol: Protocol, result: str) -> None:
    assert protocol.next(case(tried(result, "09:00", "09:03")), at("09:03")) == Ring(at("09:18"), PHONE)


def test_the_last_try_is_on_the_second_number(protocol: Protocol) -> None:
    so_far = case(tried("no_answer", "09:00", "09:01"), tried("busy", "09:16", "09:17"), numbers=(PHONE, PHONE2))
    assert protocol.next(so_far, at("09:17")) == Ring(at("09:32"), PHONE2)


def test_after_the_last_try_people_have_it_five_minutes_later(protocol: Protocol) -> None:
    so_far = case(*[tried("no_answer", f"09:{minute:02}", f"09:{minute + 1:02}") for minute in (0, 16, 32)])
    assert protocol.next(so_far, at("09:33")) == unreached("09:38")


def test_a_retry_is_not_put_off_to_the_next_window(protocol: Protocol) -> None:
    so_far = case(tried("no_answer", "10:50", "10:51"), due="10:50")
    assert protocol.next(so_far, at("10:51")) == unreached("11:06")


def test_a_retry_that_an_outage_took_out_of_its_window_goes_to_people(protocol: Protocol) -> None:
    so_far = case(tried("no_answer", "09:00", "09:01"))
    assert protocol.next(so_far, at("14:40")) == unreached("09:16")


def test_a_retry_in_a_nap_waits_for_its_end_within_the_window(protocol: Protocol) -> None:
    so_far = case(tried("no_answer", "09:00", "09:01"), nap=(time(9, 10), time(9, 40)))
    assert protocol.next(so_far, at("09:01")) == Ring(at("09:40"), PHONE)


def test_a_nap_until_the_end_of_the_window_leaves_a_retry_to_people(protocol: Protocol) -> None:
    so_far = case(tried("no_answer", "09:00", "09:01"), nap=(time(9, 10), time(11)))
    assert protocol.next(so_far, at("09:01")) == unreached("09:16")


def test_for_whoever_is_frail_and_alone_people_are_asked_after_the_first_try(protocol: Protocol) -> None:
    so_far = case(tried("no_answer", "09:00", "09:01"), frail_and_alone=True)
    assert protocol.next(so_far, at("09:01")) == unreached("09:16", go_on=True)
    assert protocol.next(replace(so_far, with_people=True), at("09:16")) == Ring(at("09:16"), PHONE)


def test_a_number_that_does_not_exist_is_no_try_and_the_second_one_is_rung_at_once(protocol: Protocol) -> None:
    so_far = case(tried("bad_number", "09:00", "09:00"), numbers=(PHONE, PHONE2))
    assert protocol.next(so_far, at("09:00")) == Ring(at("09:00"), PHONE2)


def test_a_bad_second_number_gives_the_last_try_back_to_the_first(protocol: Protocol) -> None:
    so_far = case(
        tried("no_answer", "09:00", "09:01"),
        tried("no_answer", "09:16", "09:17"),
        tried("bad_number", "09:32", "09:32", PHONE2),
        numbers=(PHONE, PHONE2),
    )
    assert protocol.next(so_far, at("09:32")) == Ring(at("09:32"), PHONE)


def test_with_bad_numbers_only_it_is_a_task_for_staff(protocol: Protocol) -> None:
    step = protocol.next(case(tried("bad_number", "09:00", "09:00")), at("09:00"))
    assert step == HandOver(at("09:00"), CheckInOutcome.NOT_CALLED, Urgency.YELLOW, "bad_number")


def test_a_number_that_went_bad_between_two_tries_leaves_somebody_unreached(protocol: Protocol) -> None:
    so_far = case(tried("no_answer", "09:00", "09:01"), tried("bad_number", "09:16", "09:16"))
    assert protocol.next(so_far, at("09:16")) == unreached("09:16")


def test_whoever_asks_for_later_is_rung_half_an_hour_later_where_they_answered(protocol: Protocol) -> None:
    so_far = case(tried("later", "09:00", "09:02", PHONE2), numbers=(PHONE, PHONE2))
    assert protocol.next(so_far, at("09:02")) == Ring(at("09:32"), PHONE2)


def test_later_counts_as_none_of_the_three_tries(protocol: Protocol) -> None:
    so_far = case(
        tried("no_answer", "09:00", "09:01"),
        tried("later", "09:16", "09:17"),
        tried("no_answer", "09:47", "09:48"),
    )
    assert protocol.next(so_far, at("09:48")) == Ring(at("10:03"), PHONE)


@pytest.mark.parametrize(
    "laters", [("08:40", "09:20", "10:00"), ("10:45",)], ids=["a third time", "no time left in the window"]
)
def test_later_ends_with_people(protocol: Protocol, laters: tuple[str, ...]) -> None:
    tries = [tried("later", begin, f"{begin[:3]}{int(begin[3:]) + 1:02}") for begin in laters]
    step = protocol.next(case(*tries), at("10:46"))
    assert isinstance(step, HandOver)
    assert (step.outcome, step.urgency, step.at) == (CheckInOutcome.REFUSED, Urgency.YELLOW, tries[-1].ended_at)


@pytest.mark.parametrize(
    ("result", "outcome", "urgency"),
    [
        ("relative_fine", CheckInOutcome.RELATIVE, Urgency.YELLOW),
        ("concern", CheckInOutcome.CONCERN, Urgency.YELLOW),
        ("silent", CheckInOutcome.SILENT, Urgency.RED),
        ("unclear", CheckInOutcome.UNCLEAR, Urgency.ORANGE),
        ("refused", CheckInOutcome.REFUSED, Urgency.YELLOW),
    ],
)
def test_what_a_conversation_found_goes_to_people_at_once(
    protocol: Protocol, result: str, outcome: CheckInOutcome, urgency: Urgency
) -> None:
    step = protocol.next(case(tried(result, "09:00", "09:02")), at("09:02"))
    assert step == HandOver(at("09:02"), outcome, urgency, result)


def test_only_fine_is_fine(protocol: Protocol) -> None:
    assert protocol.next(case(tried("fine", "09:00", "09:02")), at("09:02")) == Fine()


def test_a_fine_that_is_learnt_late_counts_although_the_next_try_has_begun(protocol: Protocol) -> None:
    so_far = case(tried("fine", "09:00", "09:02"), tried(None, "09:17"))
    assert protocol.next(so_far, at("09:17")) == Fine()
