"""Those who read along: where they begin, what they lose, and that nobody else does."""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.media_samples import GOP, make_video
from v380cli.camera import media_hub
from v380cli.camera.media_hub import (
    HEAD_BYTES,
    MediaHub,
    Reader,
    _look_at_head,
    _look_through,
)
from v380cli.camera.transport import Listener
from v380cli.errors import RemoteProtocolError
from v380cli.media.sink import Codec
from v380cli.models import Quality
from v380cli.wire.session import MediaReceived
from v380cli.wire.shared_media import MediaParser, encode_media

UNITS = make_video(Codec.H264).units


def make_media(number: int) -> MediaReceived:
    unit = UNITS[number % len(UNITS)]
    return MediaReceived(not unit.is_keyframe, number, 15, number * 66, unit.data, "video")


class StubLink:
    """A link that is never read; what it is called does not matter here."""

    via = "lan"

    def __init__(self) -> None:
        self.is_prompt = False
        self.paces: list[bool] = []

    def set_prompt(self, wanted: bool) -> None:
        self.is_prompt = wanted
        self.paces.append(wanted)

    def tell(self, listener: Listener) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


def open_hub() -> MediaHub:
    hub = MediaHub()
    hub.tap(StubLink(), Quality.HD, audio=False, prompt=False)
    return hub


def watch(hub: MediaHub, *, prompt: bool = False) -> Reader:
    admitted = hub.watch(Quality.HD, audio=False, prompt=prompt)
    assert admitted
    return admitted[0]


def read(reader: Reader) -> list[int]:
    return [media.frame_id for media in parse(reader.take())]


def parse(data: bytes) -> Iterator[MediaReceived]:
    parser = MediaParser()
    parser.receive_data(data)
    return parser.read_media()


def test_who_comes_late_begins_with_the_last_keyframe() -> None:
    hub = open_hub()
    for number in range(GOP + 5):
        hub.put([make_media(number)])
    reader = watch(hub)
    hub.put([make_media(GOP + 5)])
    assert read(reader) == list(range(GOP, GOP + 6))


def test_a_large_group_is_not_lost_by_who_comes_late(monkeypatch: pytest.MonkeyPatch) -> None:
    size = sum(len(make_media(number).payload) for number in range(GOP - 1))
    monkeypatch.setattr(media_hub, "MAX_WAITING_BYTES", size // 2)
    hub = open_hub()
    hub.put([make_media(number) for number in range(GOP - 1)])
    reader = watch(hub)
    hub.put([make_media(GOP - 1)])
    assert reader.dropped_frames == 0
    assert read(reader) == list(range(GOP))


def test_one_that_stalls_goes_on_at_a_keyframe_and_nobody_else_loses_any(
    monkeypatch: Any,
) -> None:
    size = sum(len(make_media(number).payload) for number in range(GOP))
    monkeypatch.setattr(media_hub, "MAX_WAITING_BYTES", size // 2)
    hub = open_hub()
    stalled, attentive = watch(hub), watch(hub)
    seen = []
    for number in range(GOP + 3):
        hub.put([make_media(number)])
        seen += read(attentive)
    assert seen == list(range(GOP + 3))
    assert read(stalled) == [GOP, GOP + 1, GOP + 2]
    assert stalled.dropped_frames == GOP


def test_another_quality_or_missing_sound_is_not_what_comes() -> None:
    hub = open_hub()
    assert hub.watch(Quality.SD, audio=False, prompt=False) is None
    assert hub.watch(Quality.HD, audio=True, prompt=False) is None
    assert MediaHub().watch(Quality.HD, audio=False, prompt=False) is None


@pytest.mark.parametrize("is_owner_prompt", [False, True])
def test_the_link_is_prompt_while_somebody_looks_on(is_owner_prompt: bool) -> None:
    hub, link = MediaHub(), StubLink()
    link.set_prompt(is_owner_prompt)
    hub.tap(link, Quality.HD, audio=False, prompt=is_owner_prompt)
    watch(hub)
    assert link.is_prompt is is_owner_prompt
    first, second = watch(hub, prompt=True), watch(hub, prompt=True)
    assert link.is_prompt
    hub.dismiss(first)
    assert link.is_prompt
    hub.dismiss(second)
    assert link.is_prompt is is_owner_prompt


def test_an_idle_owner_lets_this_link_gather_and_the_next_one() -> None:
    hub, first, second = MediaHub(), StubLink(), StubLink()
    hub.tap(first, Quality.HD, audio=False, prompt=True)
    hub.set_idle(True)
    hub.dismiss(watch(hub, prompt=True))
    hub.lose_link()
    assert first.paces == [False, True, False]
    hub.tap(second, Quality.HD, audio=False, prompt=True)
    hub.set_idle(False)
    assert second.paces == [False, True]


def test_parameter_sets_that_come_alone_stay_before_their_keyframe() -> None:
    unit = UNITS[0]
    picture = unit.data.removeprefix(unit.parameter_sets)
    hub = open_hub()
    for number in range(4):
        hub.put([make_media(number)])
    hub.put([MediaReceived(0, 10, 15, 0, unit.parameter_sets, "video")])
    hub.put([MediaReceived(0, 11, 15, 0, picture, "video")])
    assert read(watch(hub)) == [10, 11]


@given(
    st.lists(st.sampled_from([0, 0, 1, 1, 2, 0x41, 0x26, 0x65, 0x67, 0x09])).map(bytes),
    st.sampled_from([None, Codec.H264, Codec.HEVC]),
)
def test_the_beginning_of_a_frame_tells_the_same_as_the_whole(
    payload: bytes, hint: Codec | None
) -> None:
    told = _look_at_head(payload[:HEAD_BYTES], hint)
    assert told in (None, _look_through(payload, hint))


def test_the_beginning_is_enough_for_usual_pictures() -> None:
    for unit in UNITS:
        if not unit.is_keyframe:
            look = _look_at_head(unit.data[:HEAD_BYTES], Codec.H264)
            assert look == (False, True)


def test_the_end_of_the_link_is_the_end_of_its_readers() -> None:
    hub = open_hub()
    reader = watch(hub)
    hub.lose_link()
    assert reader.take() == b""
    assert hub.watch(Quality.HD, audio=False, prompt=False) is None


@given(st.lists(st.tuples(st.integers(0, 60), st.binary(max_size=30))), st.integers(1, 9))
def test_media_come_out_as_they_went_in(frames: list[tuple[int, bytes]], step: int) -> None:
    media = [MediaReceived(kind, 7, 15, -1, data, "unknown") for kind, data in frames]
    data = b"".join(map(encode_media, media))
    parser = MediaParser()
    seen: list[MediaReceived] = []
    for start in range(0, len(data), step):
        parser.receive_data(data[start : start + step])
        seen += parser.read_media()
    assert seen == media


@pytest.mark.parametrize("stamp_ms", [-(1 << 63), (1 << 63) - 1, 1 << 63, (1 << 64) - 1])
def test_any_stamp_that_a_header_can_have_goes_through(stamp_ms: int) -> None:
    (media,) = parse(encode_media(MediaReceived(1, 7, 15, stamp_ms, b"x", "video")))
    assert (media.timestamp_ms - stamp_ms) % (1 << 64) == 0


@given(st.binary(max_size=80))
def test_garbage_is_refused_or_waited_on(data: bytes) -> None:
    with contextlib.suppress(RemoteProtocolError):
        list(parse(data))
