"""Somebody at the browser phone calls the line, in a real headless browser."""

from typing import Any

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from ivr.simulator import Surroundings, audio
from ivr.simulator.events import Said
from tests.simulator.browser import DESKTOP, TABLET, TELEPHONE, OpenPage

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("line")]

OFFICER = "+8651252880000"
REFUSED = "Promise.reject(new DOMException('no', 'NotAllowedError'))"
WORDS = {
    "hello": "您好，常熟老干部局彩虹桥热线。",
    "menu": "身体难受、有急事，请按1。要办事，请按2。",
    "ask": "您要办什么事？请慢慢说，说完按1。",
    "thanks": "好，录下来了。",
    "officer": "好，我马上叫值班同志。您别挂电话。",
}
MENU = (
    '<Gather numDigits="1" finishOnKey="" timeout="30" action="/chosen">'
    "<Play>/sound/hello</Play><Play>/sound/menu</Play></Gather>"
)


def chosen(form: dict[str, str]) -> str:
    if form["Digits"] == "1":
        return f'<Play>/sound/officer</Play><Dial timeout="15" action="/over">{OFFICER}</Dial>'
    return '<Play>/sound/ask</Play><Record timeout="3" maxLength="4" action="/said"/><Redirect>/said</Redirect>'


@pytest.fixture
def line(rig: Any) -> Any:
    rig.line.answers = {
        "/twilio/voice": MENU,
        "/chosen": chosen,
        "/said": f"<Play>/sound/thanks</Play>{MENU}",
        "/over": f"<Play>/sound/thanks</Play>{MENU}",
    }
    rig.line.sound_s = 0.3
    rig.network.surroundings = Surroundings(describe=lambda url: Said(WORDS[url.rpartition("/")[2]]))
    return rig.line


def turns(page: Page) -> Any:
    return page.locator("#turns li")


def test_a_person_dials_hears_presses_keys_with_the_mouse_and_hangs_up(open_page: OpenPage, line: Any) -> None:
    page = open_page()
    expect(page.locator("#state")).to_have_text("可以拨打")
    page.get_by_role("button", name="拨打").click()
    expect(turns(page)).to_contain_text(["电话接通了", f"{WORDS['hello']} {WORDS['menu']}"])
    page.get_by_role("button", name="2", exact=True).click()
    expect(turns(page).last).to_contain_text(WORDS["ask"])
    assert line.to("/chosen")[0]["Digits"] == "2"
    page.get_by_role("button", name="挂断").click()
    expect(page.locator("#state")).to_have_text("已挂断")
    expect(turns(page).last).to_contain_text("您挂断了")


def test_everything_can_be_done_with_the_keyboard_alone(open_page: OpenPage, line: Any) -> None:
    page = open_page()
    page.keyboard.press("Enter")
    expect(page.locator("#state")).to_have_text("请按键")
    page.keyboard.press("1")
    page.wait_for_selector("#answer:visible")
    page.locator("#answer").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#officer-state")).to_have_text("正在通话")
    expect(page.locator("#decline")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#state")).to_have_text("请按键")
    assert line.to("/over")[0]["DialCallStatus"] == "completed"
    page.locator("body").evaluate("() => document.activeElement.blur()")
    page.keyboard.press("Enter")
    expect(page.locator("#state")).to_have_text("已挂断")


def test_star_and_hash_are_keys_too(open_page: OpenPage, line: Any) -> None:
    page = open_page()
    for key in "*#":
        page.keyboard.press("Enter")
        expect(page.locator("#state")).to_have_text("请按键")
        page.keyboard.press(key)
        expect(page.locator("#state")).to_have_text("请说话")
        page.keyboard.press("Enter")
        expect(page.locator("#state")).to_have_text("已挂断")
    assert [form["Digits"] for form in line.to("/chosen")] == ["*", "#"]


def test_the_microphone_is_recorded_and_its_level_shown(open_page: OpenPage, line: Any, rig: Any) -> None:
    page = open_page()
    page.get_by_role("button", name="拨打").click()
    expect(page.locator("#microphone")).to_have_text("话筒已打开。")
    expect(page.locator("#state")).to_have_text("请按键")
    page.keyboard.press("2")
    expect(page.locator("#state")).to_have_text("请说话")
    rig.until(lambda: page.locator("#level").evaluate("meter => meter.value") > 30)
    expect(turns(page).filter(has_text="说了")).to_be_visible()
    (recording,) = rig.network.recordings.values()
    sound = audio.read_wav(rig.network.recording_audio(recording))
    assert 1 < sound.seconds <= 4.2
    assert audio.is_loud(sound.pcm)


def test_without_a_microphone_the_page_says_so_and_the_keys_go_on_working(open_page: OpenPage, line: Any) -> None:
    page = open_page()
    page.evaluate(f"() => {{ navigator.mediaDevices.getUserMedia = () => {REFUSED}; }}")
    page.get_by_role("button", name="拨打").click()
    expect(page.locator("#microphone")).to_contain_text("没有话筒")
    expect(page.locator("#state")).to_have_text("请按键")
    page.keyboard.press("2")
    expect(page.locator("#hint")).to_contain_text("没有话筒")
    page.keyboard.press("1")
    expect(turns(page).filter(has_text=WORDS["thanks"])).to_be_visible()


def test_an_officer_who_declines_is_not_reached(open_page: OpenPage, line: Any) -> None:
    page = open_page()
    page.get_by_role("button", name="拨打").click()
    expect(page.locator("#state")).to_have_text("请按键")
    page.keyboard.press("1")
    expect(page.locator("#officer-state")).to_contain_text(OFFICER)
    page.get_by_role("button", name="不接").click()
    expect(turns(page).filter(has_text="值班同志没有接")).to_be_visible()
    assert line.to("/over")[0]["DialCallStatus"] == "busy"


@pytest.mark.parametrize(("choice", "number"), [(0, "+8613800000001"), (2, "+266696687")])
def test_the_person_chooses_who_is_calling(open_page: OpenPage, line: Any, choice: int, number: str) -> None:
    page = open_page()
    page.get_by_label("谁打来").select_option(str(choice))
    page.get_by_role("button", name="拨打").click()
    expect(turns(page).first).to_have_text("电话接通了")
    assert line.to("/twilio/voice")[0]["From"] == number


def test_closing_the_page_hangs_up(open_page: OpenPage, line: Any, rig: Any) -> None:
    page = open_page()
    page.get_by_role("button", name="拨打").click()
    expect(page.locator("#state")).to_have_text("请按键")
    with page.expect_event("close"):
        page.close()
    (call,) = rig.network.calls.values()
    rig.until(lambda: call.is_over)
    assert call.events[-1].by == "caller"


def test_a_line_that_fails_says_so_on_the_page(open_page: OpenPage, line: Any) -> None:
    line.answers["/twilio/voice"] = (500, "", "text/xml")
    page = open_page()
    page.get_by_role("button", name="拨打").click()
    expect(turns(page).filter(has_text="故障 11200")).to_be_visible()


@pytest.mark.parametrize("size", [DESKTOP, TABLET, TELEPHONE])
def test_the_page_has_no_barriers_and_nothing_sticks_out(open_page: OpenPage, size: tuple[int, int]) -> None:
    page = open_page(size)
    page.keyboard.press("Enter")
    expect(page.locator("#state")).to_have_text("请按键")
    page.keyboard.press("1")
    page.wait_for_selector("#answer:visible")
    found = Axe().run(page)["violations"]
    faults = [fault for fault in found if fault["impact"] in ("serious", "critical")]
    assert [
        (fault["id"], [(node["html"], node["any"][0]["message"]) for node in fault["nodes"]]) for fault in faults
    ] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    smallest = page.evaluate(
        "Math.min(...[...document.querySelectorAll('body *')].filter(e => e.textContent.trim() && e.checkVisibility())"
        ".map(e => parseFloat(getComputedStyle(e).fontSize)))"
    )
    assert smallest >= 18


def test_the_whole_telephone_is_seen_without_scrolling_at_1024_by_768(open_page: OpenPage) -> None:
    page = open_page(TABLET)
    box = page.get_by_role("button", name="拨打").bounding_box()
    assert box
    assert box["y"] + box["height"] <= TABLET[1]


def test_the_page_speaks_english_one_click_away(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_role("link", name="English").click()
    expect(page.locator("#state")).to_have_text("Ready to call")
    expect(page.locator("html")).to_have_attribute("lang", "en")
