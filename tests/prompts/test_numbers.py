import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts.numbers import cardinal, in_words
from prompts.wording import spoken_form

TABLE = {
    # times and dates
    "12:30": "十二点三十分",
    "9:05": "九点零五分",
    "2:00": "两点",
    "0:10": "零点十分",
    "14：00-16：30": "十四点到十六点三十分",
    "7:08:09": "七点零八分零九秒",
    "下午2点": "下午两点",
    "2026年11月23日": "二零二六年十一月二十三日",
    "2026-11-23": "二零二六年十一月二十三日",
    "2026/1/2": "二零二六年一月二日",
    "2026年": "二零二六年",
    "2024-2025年": "二零二四到二零二五年",
    "2月2日": "二月二日",
    "2个月": "两个月",
    # to be dialled
    "请拨120": "请拨幺二零",
    "120": "幺二零",
    "110报警": "幺幺零报警",
    "12345热线": "幺二三四五热线",
    "13812345678": "幺三八，幺二三四，五六七八",
    "+86 138 1234 5678": "幺三八，幺二三四，五六七八",
    "0512-52881234": "零五幺二，五二八八，幺二三四",
    "0512-52881234转801": "零五幺二，五二八八，幺二三四转八零幺",
    "52881234": "五二八八，幺二三四",
    "400-820-8820": "四零零，八二零，八八二零",
    # the same digits, counted
    "120元": "一百二十元",
    "120人": "一百二十人",
    "约120": "约一百二十",
    "血压120/80": "血压一百二十，八十",
    # doors
    "3号楼": "三号楼",
    "2号楼": "二号楼",
    "2楼": "二楼",
    "305室": "三零五室",
    "1203室": "幺二零三室",
    "3-502室": "三杠五零二室",
    # counting
    "65岁": "六十五岁",
    "2位": "两位",
    "12个": "十二个",
    "22个": "二十二个",
    "第2次": "第二次",
    "200元": "两百元",
    "2000": "两千",
    "2005": "两千零五",
    "20000": "两万",
    "1,200元": "一千两百元",
    "10": "十",
    "115": "一百一十五",
    "007": "零零七",
    "3-5人": "三到五人",
    "3.5公斤": "三点五公斤",
    "50%": "百分之五十",
    "20%-30%": "百分之二十到百分之三十",
    "1/3": "三分之一",
    "-5℃": "零下五摄氏度",
    "5kg": "五公斤",
    "按1": "按一",
    "按*键": "按星号键",
    "按#": "按井号",
    # what no clock or calendar has is read as plain numbers
    "25:70": "二十五：七十",
    "123456789": "一二三四五六七八九",
}


@pytest.mark.parametrize(("written", "spoken"), TABLE.items())
def test_numbers_are_said_as_people_say_them(written: str, spoken: str) -> None:
    assert spoken_form(written) == spoken


@given(st.integers(0, 99_999_999))
def test_a_cardinal_says_its_number_and_no_other(number: int) -> None:
    assert value_of(cardinal(number)) == number


def value_of(words: str) -> int:
    """What Chinese numerals mean, computed the other way round than `cardinal` makes them."""
    high, myriad, low = words.rpartition("万")
    return (value_of(high) if myriad else 0) * 10_000 + below_myriad(low)


def below_myriad(words: str) -> int:
    total, digit = 0, 0
    for word in words.replace("两", "二").replace("零", "") if words != "零" else "零":
        if word in "千百十":
            total += (digit or 1) * {"千": 1000, "百": 100, "十": 10}[word]
            digit = 0
        else:
            digit = "零一二三四五六七八九".index(word)
    return total + digit


@given(st.text(alphabet="0123456789-/:.,%+年月日号室个 电话打第转", max_size=40))
def test_no_digit_is_left_whatever_stands_around_it(text: str) -> None:
    assert not any(character.isdigit() and character.isascii() for character in in_words(text))
