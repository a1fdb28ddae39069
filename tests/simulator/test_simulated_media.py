"""What a viewer gets is what the camera says that it sent, in every codec and form."""

import struct
import time
from dataclasses import replace

import pytest

from tests.simulator.viewer import (
    DEVICE_ID,
    GOP_FRAMES,
    SMALL,
    connect,
    decipher,
    login,
    make_stream_login,
    read_frames,
    receive,
    run,
    watch,
)
from v380cli.media.sink import Codec
from v380cli.models import Quality
from v380cli.simulator.camera import Pace
from v380cli.simulator.faults import FaultLedger
from v380cli.simulator.footage import load_footage
from v380cli.simulator.server import Simulator
from v380cli.simulator.stream import Media, MediaStream, SentFrame
from v380cli.simulator.tone import AudioKind, load_tone
from v380cli.wire.crypto import MediaCipher, media_key
from v380cli.wire.live import QUALITY_SD, WHOLE_BLOCK_VERSION, StreamLoginReply

FAST = replace(SMALL, pace=Pace.FAST)
CLEAR = replace(FAST, device_version=20)


@pytest.mark.parametrize("codec", [Codec.H264, Codec.HEVC])
@pytest.mark.parametrize("audio", [*AudioKind, None])
def test_frames_arrive_as_they_were_sent(codec: Codec, audio: AudioKind | None) -> None:
    with run(replace(FAST, codec=codec, audio=audio)) as camera:
        ticket = login(camera)
        with watch(camera, ticket=ticket) as sock:
            frames = read_frames(sock, 60)
        sent = camera.sent_access_units[0][:60]
    assert [decipher(frame, ticket) for frame in frames] == [frame.payload for frame in sent]
    assert [(f.frame_id, f.frame_type, f.timestamp_ms) for f in frames] == [
        (f.frame_id, f.frame_type, f.timestamp_ms) for f in sent
    ]
    video = {Codec.H264: {0, 1}, Codec.HEVC: {40, 41}}[codec]
    sound = {load_tone(audio).frame_type} if audio else set()
    assert {frame.frame_type for frame in frames} == video | sound


def test_all_fragments_of_a_frame_tell_how_many_there_were_before_it() -> None:
    with run(CLEAR) as camera, watch(camera) as sock:
        counters: list[set[int]] = [set() for _ in range(20)]
        for number in range(20):
            index, total = 0, 1
            while index < total:
                header = receive(sock, 12)
                counters[number].add(header[2])
                total, length = struct.unpack("<xxxHxxH3x", header)
                receive(sock, length)
                index += 1
    assert counters == [{number} for number in range(20)]


def test_sent_video_is_the_footage_over_and_over() -> None:
    footage = load_footage(FAST.list_footage()[Quality.HD])
    with run(replace(CLEAR, audio=None)) as camera, watch(camera) as sock:
        frames = read_frames(sock, 40)
    units = footage.access_units
    assert [f.payload for f in frames] == [units[i % len(units)].data for i in range(40)]
    assert [f.frame_type == 0 for f in frames] == [i % GOP_FRAMES == 0 for i in range(40)]


def test_an_old_camera_sends_in_clear_and_a_new_one_does_not() -> None:
    for spec, is_clear in ((CLEAR, True), (FAST, False)):
        with run(spec) as camera, watch(camera, audio=False) as sock:
            frame = read_frames(sock, 1)[0]
            assert (frame.payload == camera.sent_access_units[0][0].payload) is is_clear


def test_whole_block_encryption_is_announced_and_used() -> None:
    with run(replace(FAST, encrypts_whole_blocks=True)) as camera:
        ticket = login(camera)
        with connect(camera) as sock:
            sock.sendall(make_stream_login(ticket))
            assert StreamLoginReply.decode(receive(sock, 32)).version == WHOLE_BLOCK_VERSION
        with watch(camera, ticket=ticket, audio=False) as sock:
            frames = read_frames(sock, 10)
        cipher = MediaCipher(media_key(ticket))
        clear = [cipher.decrypt_video_whole_blocks(frame.payload) for frame in frames]
        assert clear == [frame.payload for frame in camera.sent_access_units[0][:10]]


@pytest.mark.parametrize("max_payload", [500, 1400, 20000])
def test_fragments_are_as_long_as_the_camera_makes_them(max_payload: int) -> None:
    with run(replace(CLEAR, max_payload=max_payload)) as camera, watch(camera) as sock:
        header = receive(sock, 12)
        keyframe = camera.sent_access_units[0][0].payload
    length = int.from_bytes(header[7:9], "little")
    assert length == min(max_payload, 16 + len(keyframe))


def test_sound_can_be_refused_by_the_viewer() -> None:
    with run(FAST) as camera, watch(camera, audio=False) as sock:
        assert {frame.frame_type for frame in read_frames(sock, 30)} == {0, 1}


def test_sd_is_half_the_size() -> None:
    with run(CLEAR) as camera, watch(camera, quality=QUALITY_SD, audio=False) as sock:
        keyframe = read_frames(sock, 1)[0].payload
    sd = load_footage(CLEAR.list_footage()[Quality.SD])
    assert (sd.width, sd.height) == (96, 64)
    assert keyframe == sd.access_units[0].data


def test_time_stamps_follow_the_frame_rate() -> None:
    before_ms = time.time_ns() // 1_000_000
    with run(CLEAR) as camera, watch(camera, audio=False) as sock:
        stamps = [frame.timestamp_ms for frame in read_frames(sock, 31)]
    assert stamps[30] - stamps[0] == 2000
    assert 0 <= stamps[0] - before_ms < 60_000


def test_the_camera_pace_is_real_time() -> None:
    began = time.monotonic()
    with run(replace(SMALL, audio=None)) as camera, watch(camera) as sock:
        read_frames(sock, 10)
        assert time.monotonic() - began >= 9 / 15


def test_a_fast_camera_loses_nothing() -> None:
    with run(replace(CLEAR, audio=None)) as camera, watch(camera) as sock:
        ids = [frame.frame_id for frame in read_frames(sock, 600)]  # 40 s of video
        assert ids == list(range(600))
        assert camera.dropped_frames == 0


def test_several_viewers_have_their_own_streams() -> None:
    with run(FAST) as camera:
        tickets = [login(camera), login(camera)]
        with watch(camera, ticket=tickets[0]) as one, watch(camera, ticket=tickets[1]) as two:
            first, second = read_frames(one, 5), read_frames(two, 5)
    assert decipher(first[0], tickets[0]) == decipher(second[0], tickets[1])
    assert first[0].payload != second[0].payload


def test_cameras_run_side_by_side_under_their_own_ids() -> None:
    specs = [replace(CLEAR, device_id=DEVICE_ID, host=f"127.0.0.{n}") for n in (1, 2)]
    specs += [replace(CLEAR, picture_id=DEVICE_ID)]
    with Simulator(specs, discovery=None) as simulator:
        addresses = {(camera.host, camera.port) for camera in simulator.cameras}
        assert len(addresses) == 3
        for camera in simulator.cameras:
            with watch(camera) as sock:
                assert read_frames(sock, 1)[0].frame_type == 0


def test_stopping_twice_and_reusing_the_port() -> None:
    simulator = Simulator([SMALL], discovery=None)
    simulator.start()
    port = simulator.cameras[0].port
    with watch(simulator.cameras[0]) as sock:
        receive(sock, 1)
        simulator.stop()
        simulator.stop()
    with Simulator([replace(SMALL, port=port)], discovery=None) as again:
        assert again.cameras[0].port == port


@pytest.mark.parametrize(("join_s", "first"), [(0.0, 0), (0.39, 0), (0.9, 12), (1.2, 0), (1.7, 6)])
def test_a_viewer_joins_a_running_loop_at_a_keyframe(join_s: float, first: int) -> None:
    footage = load_footage(CLEAR.list_footage()[Quality.HD])
    sent: list[SentFrame] = []
    stream = MediaStream(
        Media(footage),
        start_ms=0,
        max_payload=500,
        join_s=join_s,
        ledger=FaultLedger(()),
        sent=sent,
    )
    stream.pull()
    assert (sent[0].payload, sent[0].timestamp_ms) == (footage.access_units[first].data, 0)
