"""The browser phone's page and socket, without a browser: who may use them, and what they give away."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
import requests
from simple_websocket import Client, ConnectionClosed

Connect = Callable[..., Client]


def test_the_page_runs_nothing_but_its_own_files(rig: Any) -> None:
    page = requests.get(f"{rig.line.url}/phone", timeout=5)
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "<script>" not in page.text
    assert "style=" not in page.text
    assert "//" not in page.text.replace("<!doctype html>", "")


def test_a_name_that_is_not_the_lines_is_refused(rig: Any) -> None:
    """Otherwise a stranger could point a name of theirs here and call the line through a visitor's browser."""
    for path in ("/phone", "/phone/static/phone.js", "/phone/sounds/x.wav"):
        answer = requests.get(f"{rig.line.url}{path}", headers={"Host": "stranger.example"}, timeout=5)
        assert answer.status_code == 403, path


def test_only_sounds_that_are_being_played_can_be_fetched(rig: Any) -> None:
    name = rig.network.keep_sound(b"\1\0" * 800)
    assert requests.get(f"{rig.line.url}/phone/sounds/{name}.wav", timeout=5).content[:4] == b"RIFF"
    assert requests.get(f"{rig.line.url}/phone/sounds/other.wav", timeout=5).status_code == 404


def test_old_sounds_are_forgotten(rig: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.simulator.network.KEPT_SOUNDS", 2)
    first, second, third = (rig.network.keep_sound(bytes([number, 0])) for number in range(3))
    assert rig.network.sound(first) is None
    assert rig.network.sound(second)
    assert rig.network.sound(third)


@pytest.fixture
def connect(rig: Any) -> Iterator[Connect]:
    """Opens sockets. This client names the host without its port, so that the page's own origin has none either."""
    clients: list[Client] = []

    def connected() -> Client:
        address = rig.line.url.replace("http", "ws") + "/phone/socket"
        clients.append(Client.connect(address, headers={"Origin": "http://127.0.0.1"}))
        return clients[-1]

    yield connected
    for client in clients:
        with suppress(ConnectionClosed):
            client.close()


def is_closed(client: Client) -> bool:
    """Whether the other side closes the socket, rather than sending anything."""
    with pytest.raises(ConnectionClosed):
        client.receive(timeout=5)
    return True


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://stranger.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {},
        {"Origin": "http://stranger.example", "Host": "stranger.example"},
    ],
)
def test_another_sites_page_cannot_open_the_socket(rig: Any, headers: dict[str, str]) -> None:
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
    }
    assert requests.get(f"{rig.line.url}/phone/socket", headers=upgrade | headers, timeout=5).status_code == 403


def test_a_message_that_is_none_of_the_protocols_closes_the_socket(rig: Any, connect: Connect) -> None:
    client = connect()
    client.send("hello")
    assert is_closed(client)


def test_a_caller_who_is_not_on_the_list_cannot_call(rig: Any, connect: Connect) -> None:
    client = connect()
    client.send(json.dumps({"type": "call", "caller": 99}))
    assert is_closed(client)
    assert rig.network.calls == {}


def test_a_second_call_during_a_call_closes_the_socket_and_hangs_up(rig: Any, connect: Connect) -> None:
    rig.line.answers = {"/twilio/voice": '<Pause length="60"/>'}
    client = connect()
    client.send(json.dumps({"type": "call", "caller": 0}))
    assert json.loads(client.receive(timeout=5)) == {"type": "connected"}
    client.send(json.dumps({"type": "call", "caller": 1}))
    assert is_closed(client)
    (call,) = rig.network.calls.values()
    rig.until(lambda: call.is_over)


def test_one_call_can_follow_another(rig: Any, connect: Connect) -> None:
    rig.line.answers = {"/twilio/voice": "<Hangup/>"}
    client = connect()
    for _ in range(2):
        client.send(json.dumps({"type": "call", "caller": 0}))
        types = [json.loads(client.receive(timeout=5))["type"] for _ in range(2)]
        assert types == ["connected", "ended"]
    assert len(rig.network.calls) == 2
