import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care_records.phones import normalise


@pytest.mark.parametrize(
    ("written", "e164"),
    [
        ("13812345678", "+8613812345678"),
        ("138 1234 5678", "+8613812345678"),
        ("138-1234-5678", "+8613812345678"),
        ("+86 138 1234 5678", "+8613812345678"),
        ("0086 13812345678", "+8613812345678"),
        ("8613812345678", "+8613812345678"),
        ("１３８１２３４５６７８", "+8613812345678"),
        ("0512-52880000", "+8651252880000"),
        ("0512—5288 0000", "+8651252880000"),
        ("（0512）52880000", "+8651252880000"),
        ("51252880000", "+8651252880000"),
        ("52880000", "+8651252880000"),
        ("5288-0000", "+8651252880000"),
        ("021 6288 0000", "+862162880000"),
        ("+8651200000001", "+8651200000001"),
        ("+852 9123 4567", "+85291234567"),
        (" 13812345678\t", "+8613812345678"),
    ],
)
def test_a_number_is_understood_as_people_write_it(written: str, e164: str) -> None:
    assert normalise(written) == e164


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "110",
        "95598",
        "1381234567",
        "138123456789",
        "12812345678",
        "没有",
        "anonymous",
        "client:alice",
        "1-800-FLOWERS",
        "13812345678/52880000",
        "13812345678 52880000",
        "0512-52880000转8001",
        "52880000 ext. 12",
        "1.38123E+10",
        "+",
        "++8613812345678",
        "-13812345678-" * 20,
        "٠١٢٣٤٥٦٧٨٩",
        "+8613812345678\x00",
    ],
)
def test_what_is_not_one_number_is_none(written: str) -> None:
    assert normalise(written) is None


def test_a_local_number_gets_the_area_code_of_the_line() -> None:
    assert normalise("62880000", area_code="21") == "+862162880000"


@settings(deadline=None)
@given(st.text(max_size=80))
def test_any_text_gives_a_number_in_e164_or_none(text: str) -> None:
    e164 = normalise(text)

    assert e164 is None or (e164[0] == "+" and e164[1:].isascii() and e164[1:].isdigit() and len(e164) <= 16)


@settings(deadline=None)
@given(st.integers(13_000_000_000, 19_999_999_999).map(str), st.sampled_from(["", " ", "-", "–", "　"]))
def test_a_mobile_is_the_same_however_it_is_grouped(digits: str, gap: str) -> None:
    grouped = gap.join((digits[:3], digits[3:7], digits[7:]))

    assert normalise(grouped) == normalise(digits)


@settings(deadline=None)
@given(st.from_regex(r"\+?[\d -]{3,20}", fullmatch=True))
def test_a_number_once_normalised_stays_as_it_is(text: str) -> None:
    e164 = normalise(text)

    assert e164 is None or normalise(e164) == e164
