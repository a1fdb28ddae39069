"""Each fault does what its line in the table says, and its spelling is checked."""

import re
from dataclasses import replace

import pytest

from tests.golden.recorded import read_recorded
from tests.simulator.viewer import (
    GOP_FRAMES,
    SMALL,
    login,
    read_frame,
    read_frames,
    read_record,
    receive,
    run,
    watch,
)
from v380cli.models import Quality
from v380cli.simulator.camera import Pace
from v380cli.simulator.damage import DAMAGES
from v380cli.simulator.faults import FAULTS, Fault, FaultLedger, Stage, parse_fault
from v380cli.simulator.firmware import SimulatedCamera, StreamOrder
from v380cli.simulator.footage import load_footage
from v380cli.simulator.stream import Effect
from v380cli.simulator.tone import AudioKind

CLEAR = replace(SMALL, device_version=20, pace=Pace.FAST, audio=None)


def list_records(*faults: str, count: int) -> list[tuple[int, int, int, int, bytes]]:
    """The first `count` records of a camera with these faults."""
    with run(CLEAR, *faults) as camera, watch(camera) as sock:
        return [read_record(sock) for _ in range(count)]


def list_frame_ids(*faults: str, count: int = 5) -> list[int]:
    with run(CLEAR, *faults) as camera, watch(camera) as sock:
        ids = [frame.frame_id for frame in read_frames(sock, count)]
        assert ids == [frame.frame_id for frame in camera.sent_access_units[0][:count]]
        return ids


def test_a_frame_is_left_out() -> None:
    assert list_frame_ids("missing-frame@frame:2") == [0, 1, 3, 4, 5]


def test_a_moment_in_seconds() -> None:
    assert list_frame_ids("missing-frame@0.2s") == [0, 1, 2, 4, 5]  # 15 a second: the fourth


def test_it_starts_on_a_p_frame() -> None:
    with run(CLEAR, "start-on-p-frame") as camera, watch(camera) as sock:
        assert [frame.frame_type for frame in read_frames(sock, GOP_FRAMES)] == [1, 1, 1, 1, 1, 0]


def test_a_fragment_is_left_out() -> None:
    total = list_records(count=1)[0][2]
    indexes = [record[3] for record in list_records("missing-fragment", count=total - 1)]
    assert indexes == [index for index in range(total) if index != total // 2]


def test_a_wrong_magic() -> None:
    total = list_records(count=1)[0][2]
    magics = [record[0] for record in list_records("wrong-magic", count=total + 1)]
    assert magics == [0x80] + [0x7F] * total


def after_first_frame(fault: str, size: int) -> bytes:
    with run(CLEAR, f"{fault}@frame:1") as camera, watch(camera) as sock:
        read_frame(sock)
        return receive(sock, size)


def test_half_a_header_comes_before_a_frame() -> None:
    data = after_first_frame("half-header", 18)
    assert data[0] == 0x7F
    assert data[:6] == data[6:12]


def test_garbage_comes_before_a_frame_and_is_the_same_each_time() -> None:
    data = after_first_frame("garbage:64", 64 + 12)
    assert data == after_first_frame("garbage:64", 64 + 12)
    assert data[64:] == after_first_frame("keep-alive", 24)[12:]
    assert len(set(data[:64])) > 32


def test_garbage_inside_a_fragment_shifts_the_rest() -> None:
    healthy = list_records(count=1)[0]
    before = healthy[2] // 2
    with run(CLEAR, "garbage-inside:10") as camera, watch(camera) as sock:
        assert [read_record(sock)[3] for _ in range(before)] == list(range(before))
        header = receive(sock, 12)
        broken = receive(sock, int.from_bytes(header[7:9], "little") + 10)
        assert read_record(sock)[3] == before + 1
        assert camera.sent_access_units[0][0].frame_id == 1  # the first did not leave whole
    whole = list_records(count=before + 1)[before][4]
    assert (broken[: len(whole) // 2], broken[len(whole) // 2 + 10 :]) == (
        whole[: len(whole) // 2],
        whole[len(whole) // 2 :],
    )


def test_a_fragment_claims_an_enormous_frame() -> None:
    first, second = list_records("oversize-frame", count=2)
    assert (first[0], first[2], first[3], len(first[4])) == (0x7F, 65535, 0, 20000)
    assert (second[0], second[3]) == (0x7F, 0)


@pytest.mark.parametrize(("fault", "magic"), [("unknown-record", 0x33), ("parameters", 0x1F)])
def test_a_record_of_another_kind_comes_once(fault: str, magic: int) -> None:
    records = list_records(fault, count=30)
    assert [record[0] for record in records] == [magic] + [0x7F] * 29


@pytest.mark.parametrize(
    ("fault", "magic", "size"), [("keep-alive", 0x6F, 0), ("ignored-fragment", 0x5B, 16)]
)
def test_a_record_of_another_kind_comes_before_each_frame(
    fault: str, magic: int, size: int
) -> None:
    with run(CLEAR, fault) as camera, watch(camera) as sock:
        for expected_id in range(4):
            record = read_record(sock)
            assert (record[0], len(record[4])) == (magic, size)
            assert read_frame(sock).frame_id == expected_id


def test_a_message_comes_before_each_frame() -> None:
    with run(CLEAR, "notice") as camera, watch(camera) as sock:
        for expected_id in range(4):
            assert receive(sock, 32) == read_recorded("live-message-2009")
            assert read_frame(sock).frame_id == expected_id


def test_a_frame_comes_twice() -> None:
    with run(CLEAR, "repeated-frame@frame:2") as camera, watch(camera) as sock:
        assert [read_frame(sock).frame_id for _ in range(5)] == [0, 1, 2, 2, 3]


def list_stamps(*faults: str) -> list[int]:
    """Time stamps of the first frames, from the first on, in ms."""
    with run(CLEAR, *faults) as camera, watch(camera) as sock:
        stamps = [frame.timestamp_ms for frame in read_frames(sock, 6)]
    return [stamp - stamps[0] for stamp in stamps]


def test_the_clock_jumps() -> None:
    assert list_stamps() == [0, 66, 133, 200, 266, 333]
    assert list_stamps("clock-jump:-5000@frame:3") == [0, 66, 133, -4800, -4734, -4667]
    assert list_stamps("clock-jump@frame:5")[5] == 333 + 3_600_000


def test_the_clock_stalls() -> None:
    assert list_stamps("clock-stall@frame:3") == [0, 66, 133, 200, 200, 200]


def test_the_codec_changes_at_a_keyframe() -> None:
    with run(CLEAR, "codec-change@frame:2") as camera, watch(camera) as sock:
        types = [frame.frame_type for frame in read_frames(sock, 2 * GOP_FRAMES)]
    assert types == [0, 1, 1, 1, 1, 1, 40, 41, 41, 41, 41, 41]


def test_the_size_changes_at_a_keyframe() -> None:
    half = load_footage(CLEAR.list_footage()[Quality.SD])
    with run(CLEAR, "size-change@frame:2") as camera, watch(camera) as sock:
        payloads = [frame.payload for frame in read_frames(sock, GOP_FRAMES + 2)]
    assert (half.width, half.height) == (96, 64)
    assert payloads[GOP_FRAMES:] == [unit.data for unit in half.access_units[:2]]


def test_the_sound_ends() -> None:
    spec = replace(CLEAR, audio=AudioKind.ALAW)
    with run(spec, "no-audio@1s") as camera, watch(camera) as sock:
        frames = read_frames(sock, 80)
    last_sound_ms = max(frame.timestamp_ms for frame in frames if frame.frame_type == 26)
    assert 900 <= last_sound_ms - frames[0].timestamp_ms <= 1000
    assert frames[-1].timestamp_ms - frames[0].timestamp_ms > 2000


def test_it_falls_silent_but_stays() -> None:
    with run(CLEAR, "silence@frame:3") as camera, watch(camera) as sock:
        read_frames(sock, 3)
        sock.settimeout(0.1)
        with pytest.raises(TimeoutError):
            sock.recv(1)
        assert camera.viewers == 1


def test_it_drips() -> None:
    with run(CLEAR, "slow-drip:1@frame:1") as camera, watch(camera) as sock:
        read_frame(sock)
        pieces = [sock.recv(4096) for _ in range(5)]
    assert [len(piece) for piece in pieces] == [1] * 5
    assert pieces[0] == b"\x7f"


def test_it_hangs_up_in_the_middle_of_a_frame() -> None:
    with run(CLEAR, f"hang-up@frame:{GOP_FRAMES}") as camera, watch(camera) as sock:
        read_frames(sock, GOP_FRAMES)
        rest = receive(sock, 1 << 20)  # up to the end: no exception, so no reset
        keyframe = load_footage(CLEAR.list_footage()[Quality.HD]).access_units[GOP_FRAMES]
    assert 0 < len(rest) < len(keyframe.data)


def test_it_resets_the_connection() -> None:
    reset = pytest.raises(ConnectionResetError)
    with run(CLEAR, "reset@frame:2") as camera, watch(camera) as sock, reset:
        receive(sock, 1 << 20)


def test_faults_strike_each_connection_or_so_many_times() -> None:
    with run(CLEAR, "missing-frame@frame:1", "wrong-magic@frame:3*1") as camera:
        ticket = login(camera)
        with watch(camera, ticket=ticket) as sock:
            assert [read_frame(sock).frame_id for _ in range(2)] == [0, 2]
            with pytest.raises(AssertionError):
                read_frame(sock)
        with watch(camera, ticket=ticket) as sock:
            assert [read_frame(sock).frame_id for _ in range(4)] == [0, 2, 3, 4]


def test_two_faults_can_strike_one_frame() -> None:
    magics = [record[0] for record in list_records("keep-alive", "parameters", count=3)]
    assert magics == [0x1F, 0x6F, 0x7F]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_frame_that_is_left_out_cannot_be_damaged(damage: str) -> None:
    with run(CLEAR, "missing-frame", damage) as camera, watch(camera) as sock:
        assert receive(sock, 5000)
        assert camera.viewers == 1


@pytest.mark.parametrize(
    ("faults", "audio"),
    [(["no-video@frame:2"], None), (["no-video", "no-audio@frame:2"], AudioKind.IMA)],
)
def test_without_video_and_sound_it_falls_silent(
    faults: list[str], audio: AudioKind | None
) -> None:
    spec = replace(CLEAR, audio=audio, faults=tuple(parse_fault(text) for text in faults))
    camera = SimulatedCamera(spec)
    camera.load()
    stream = camera.open_stream(StreamOrder(ticket=0, quality=Quality.HD, with_audio=True))
    effects = []
    while stream.due_s <= 2 / spec.fps:
        burst = stream.pull()
        effects.append(burst and burst.effect)
    assert effects[-1] is Effect.SILENCE
    assert set(effects[:-1]) == {Effect.NONE}


def test_every_damage_has_its_line_in_the_table() -> None:
    assert DAMAGES.keys() <= FAULTS.keys()
    assert all(FAULTS[name].stage is Stage.MEDIA for name in DAMAGES)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("reset", Fault(name="reset", value=0)),
        ("hang-up@3s", Fault(name="hang-up", value=0, at_s=3.0)),
        ("garbage:64@frame:120*2", Fault(name="garbage", value=64, at_frame=120, times=2)),
        ("clock-jump:-5000@1.5s", Fault(name="clock-jump", value=-5000, at_s=1.5)),
        ("garbage", Fault(name="garbage", value=100)),
        ("ticket-expired", Fault(name="ticket-expired", value=0, times=1)),
    ],
)
def test_parse_fault(text: str, fault: Fault) -> None:
    assert parse_fault(text) == fault


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("explode", "no fault is called 'explode'"),
        ("reset@soon", "is not spelt"),
        ("reset:5", "takes no value 5"),
        ("garbage:0", "takes no value 0"),
        ("garbage:-5", "takes no value -5"),
        ("garbage:99999999999", "takes no value"),
        ("busy@3s", "takes no moment"),
        ("start-on-p-frame@3s", "takes no moment"),
        ("", "is not spelt"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        parse_fault(text)


def test_the_ledger_counts_down() -> None:
    ledger = FaultLedger([parse_fault("busy*2")])
    taken = [ledger.take(Stage.STREAM_LOGIN) for _ in range(3)]
    assert taken == ["busy", "busy", ""]
    assert ledger.take(Stage.LOGIN) == ""
