"""Bytes go between a camera and a machine until something happens, on the test's own clock."""

import math
from typing import Literal, cast

import pytest

from v380cli.camera.conversation import DeadlineReached, converse
from v380cli.errors import NetworkError, NetworkTimeout
from v380cli.net.stream import TcpChannel
from v380cli.wire.machine import NEED_DATA, NeedData, RequestMachine


class Echo(RequestMachine):
    """Asks, answers each byte with its own, and is done with a full stop."""

    def __init__(self) -> None:
        super().__init__(b"ask")
        self.fires_s: list[float] = []

    def receive_data(self, data: bytes | bytearray | memoryview) -> None:
        super().receive_data(data)
        self._outgoing += bytes(data)

    def advance(self, now_s: float) -> None:
        if now_s >= self.next_deadline:
            self.fires_s.append(now_s)
            self.next_deadline = math.inf
            self._outgoing += b"alive"

    def next_event(self) -> bytes | Literal[NeedData.NEED_DATA]:
        return bytes(self._received) if self._received.endswith(b".") else NEED_DATA


class Camera:
    """Says one thing at each look, with a second between them; None is silence."""

    def __init__(self, *says: bytes | None) -> None:
        self.now_s = 0.0
        self.heard: list[bytes] = []
        self._says = list(says)

    def __call__(self) -> float:
        return self.now_s

    def send(self, data: bytes) -> None:
        self.heard.append(data)

    def receive_into(self, buffer: memoryview, timeout_s: float) -> int:
        data = self._says.pop(0) if self._says else None
        if data is None:
            self.now_s += timeout_s
            raise NetworkTimeout(f"nothing for {timeout_s:g} s")
        self.now_s += 1
        buffer[: len(data)] = data
        return len(data)


def talk(
    camera: Camera, machine: Echo, deadline_s: float = 10.0, silence_s: float = math.inf
) -> bytes:
    return converse(
        cast(TcpChannel, camera),
        machine,
        deadline_s,
        silence_s=silence_s,
        hung_up="gone",
        hint="look",
        clock=camera,
    )


def test_all_is_sent_that_leads_to_an_event_and_that_the_event_brings() -> None:
    camera = Camera(b"a", b"b", b".")
    assert talk(camera, Echo()) == b"ab."
    assert camera.heard == [b"ask", b"a", b"b", b"."]


def test_an_event_that_is_there_needs_no_camera() -> None:
    machine = Echo()
    machine.receive_data(b"x.")
    machine.data_to_send()
    camera = Camera()
    assert talk(camera, machine, deadline_s=0.0) == b"x."
    assert (camera.heard, camera.now_s) == ([], 0.0)


def test_an_end_before_the_event_is_told_in_the_callers_words() -> None:
    with pytest.raises(NetworkError) as caught:
        talk(Camera(b"a", b""), Echo())
    assert (caught.value.message, caught.value.hint) == ("gone", "look")


def test_silence_lasts_until_the_deadline() -> None:
    camera = Camera(b"a")
    with pytest.raises(DeadlineReached, match="nothing for 9 s"):
        talk(camera, Echo())
    assert camera.now_s == 10.0


def test_who_says_something_all_the_time_does_not_pass_the_deadline() -> None:
    camera = Camera(*[b"a"] * 20)
    with pytest.raises(DeadlineReached):
        talk(camera, Echo())
    assert camera.now_s == 10.0


def test_each_silence_has_its_own_limit() -> None:
    camera = Camera(b"a", b"b")
    with pytest.raises(DeadlineReached, match="nothing for 3 s"):
        talk(camera, Echo(), silence_s=3.0)
    assert camera.now_s == 5.0


def test_the_machine_is_told_when_its_time_has_come_and_the_talk_goes_on() -> None:
    camera, machine = Camera(None, b"."), Echo()
    machine.next_deadline = 4.0
    assert talk(camera, machine) == b"."
    assert machine.fires_s == [4.0]
    assert camera.heard == [b"ask", b"alive", b"."]


def test_a_camera_that_takes_no_data_is_no_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_data: bytes) -> None:
        raise NetworkTimeout("takes no more data")

    camera = Camera()
    monkeypatch.setattr(camera, "send", refuse)
    with pytest.raises(NetworkTimeout) as caught:
        talk(camera, Echo())
    assert not isinstance(caught.value, DeadlineReached)
