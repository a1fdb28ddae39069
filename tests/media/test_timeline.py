"""Camera clocks of every kind, mapped to presentation times."""

import random
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from v380cli.media.sink import Track
from v380cli.media.timeline import Timeline

VIDEO_MS = 1000 / 15
AUDIO_MS = 505 / 8
NOMINAL_MS = {Track.VIDEO: VIDEO_MS, Track.AUDIO: AUDIO_MS}
EPOCH_MS = 1_700_000_000_000
HOUR_MS = 3_600_000
THIRTY_YEARS_MS = 30 * 365 * 24 * HOUR_MS


class Stamped(NamedTuple):
    """A packet: when it was captured in truth, what the camera stamped, when it arrived.

    `segment` counts the jumps of the clock before it.
    """

    track: Track
    true_ms: float
    timestamp_ms: int
    arrival_s: float
    segment: int = 0


def capture(duration_ms: float) -> list[tuple[float, Track]]:
    """True capture times of both tracks, in the order of capture."""
    times = [
        (index * step_ms, track)
        for track, step_ms in NOMINAL_MS.items()
        for index in range(int(duration_ms / step_ms))
    ]
    return sorted(times)


def stamp(
    times: Iterable[tuple[float, Track]],
    jumps: Iterable[tuple[float, int]] = (),
    speed: float = 1,
    jitter_ms: int = 0,
    queue_ms: float = 0,
    modulus: int = 2**64,
    start_ms: int = EPOCH_MS,
) -> list[Stamped]:
    """Stamp with a clock that jumps by (at, by); video waits `queue_ms` longer than audio."""
    rng = random.Random(7)
    packets = []
    for true_ms, track in times:
        taken = [by for at, by in jumps if true_ms >= at]
        clock_ms = start_ms + true_ms + sum(taken)
        clock_ms += rng.randint(-jitter_ms, jitter_ms) if jitter_ms else 0
        sent_ms = true_ms + (queue_ms if track is Track.VIDEO else 0)
        timestamp_ms = round(clock_ms) % modulus
        packets.append(Stamped(track, true_ms, timestamp_ms, sent_ms / 1000 / speed, len(taken)))
    return sorted(packets, key=lambda packet: packet.arrival_s)


def play(packets: Iterable[Stamped], timeline: Timeline | None = None) -> Iterator[int]:
    """Map all, and hold the one law that has no exception: strictly growing per track."""
    timeline = timeline or Timeline()
    last = {Track.VIDEO: -1, Track.AUDIO: -1}
    for packet in packets:
        pts_ms = timeline.map(
            packet.track, packet.timestamp_ms, packet.arrival_s, NOMINAL_MS[packet.track]
        )
        assert pts_ms > last[packet.track]
        last[packet.track] = pts_ms
        yield pts_ms


def worst_skew_ms(
    packets: list[Stamped], pts_ms: Iterable[int] | None = None, *, after_ms: float = 0
) -> float:
    """How far audio and video are apart, against the truth, at any moment after `after_ms`.

    Neighbours across a jump are not compared: a small one passes for a gap, in both tracks.
    """
    errors_ms: dict[Track, float] = {}
    played = zip(packets, pts_ms or play(packets), strict=True)
    mapped = sorted(played, key=lambda pair: pair[0].true_ms)
    worst, segment = 0.0, 0
    for packet, at_ms in mapped:
        if packet.true_ms < after_ms:
            continue
        if packet.segment != segment:
            errors_ms.clear()
            segment = packet.segment
        errors_ms[packet.track] = at_ms - packet.true_ms
        worst = max(worst, max(errors_ms.values()) - min(errors_ms.values()))
    return worst


def video_only(duration_ms: float) -> list[tuple[float, Track]]:
    return [(t, track) for t, track in capture(duration_ms) if track is Track.VIDEO]


def test_the_first_packet_is_at_zero_and_the_other_track_where_the_clock_puts_it() -> None:
    timeline = Timeline()
    assert timeline.map(Track.VIDEO, EPOCH_MS, 10.0, VIDEO_MS) == 0
    assert timeline.map(Track.AUDIO, EPOCH_MS + 40, 10.0, AUDIO_MS) == 40


def test_audio_from_before_the_first_frame_is_not_negative() -> None:
    timeline = Timeline()
    timeline.map(Track.VIDEO, EPOCH_MS, 10.0, VIDEO_MS)
    assert timeline.map(Track.AUDIO, EPOCH_MS - 300, 10.0, AUDIO_MS) == 0


def test_a_steady_clock_is_kept_to_the_millisecond() -> None:
    packets = stamp(capture(10_000))
    assert list(play(packets)) == [packet.timestamp_ms - EPOCH_MS for packet in packets]


@pytest.mark.parametrize("speed", [1, 20, 1e9], ids=["live", "backlog", "as fast as possible"])
def test_the_speed_of_arrival_does_not_matter(speed: float) -> None:
    packets = stamp(capture(20_000), speed=speed)
    assert list(play(packets)) == [packet.timestamp_ms - EPOCH_MS for packet in packets]


def test_a_silent_link_leaves_its_gap() -> None:
    packets = [p for p in stamp(capture(30_000)) if not 5_000 <= p.true_ms < 15_000]
    assert list(play(packets)) == [packet.timestamp_ms - EPOCH_MS for packet in packets]


def test_packets_that_queued_in_a_silent_link_keep_their_distances() -> None:
    packets = [
        Stamped(p.track, p.true_ms, p.timestamp_ms, max(p.arrival_s, 15) if p.true_ms > 5e3 else 5)
        for p in stamp(capture(30_000))
    ]
    assert list(play(packets)) == [packet.timestamp_ms - EPOCH_MS for packet in packets]


def test_a_hole_in_the_video_of_a_fast_source_keeps_it_in_step() -> None:
    packets = [
        p
        for p in stamp(capture(30_000), speed=1e9)
        if p.track is Track.AUDIO or not 5_000 <= p.true_ms < 15_000
    ]
    assert list(play(packets)) == [packet.timestamp_ms - EPOCH_MS for packet in packets]


def test_a_reboot_after_a_reconnect_leaves_the_time_that_passed() -> None:
    before = stamp(capture(5_000))
    after = [
        Stamped(p.track, p.true_ms + 35_000, round(p.true_ms), p.arrival_s + 35)
        for p in stamp(capture(5_000))
    ]
    assert worst_skew_ms(before + after) <= 2
    *_, last = play(before + after)
    assert last == pytest.approx(40_000, abs=2 * VIDEO_MS)


JUMPS_MS = [-THIRTY_YEARS_MS, -HOUR_MS, -1000, 1000, HOUR_MS, THIRTY_YEARS_MS]


@pytest.mark.parametrize("queue_ms", [0, 150], ids=["together", "video late"])
@pytest.mark.parametrize("jump_ms", JUMPS_MS)
def test_both_tracks_take_a_jump_alike(jump_ms: int, queue_ms: float) -> None:
    packets = stamp(capture(20_000), [(10_000, jump_ms)], queue_ms=queue_ms)
    assert worst_skew_ms(packets) <= 40


@settings(max_examples=150)
@given(st.integers(-2500, 2500), st.integers(0, 150), st.integers(0, 20))
def test_a_jump_as_large_as_a_tolerance_parts_the_tracks_for_a_second_at_most(
    jump_ms: int, queue_ms: int, jitter_ms: int
) -> None:
    """One track may find such a jump plausible and the other not."""
    packets = stamp(capture(16_000), [(8_000, jump_ms)], queue_ms=queue_ms, jitter_ms=jitter_ms)
    assert worst_skew_ms(packets, after_ms=9_000) <= 2 * jitter_ms + 2


def test_a_jump_forward_costs_no_time() -> None:
    packets = stamp(video_only(20_000), [(10_000, HOUR_MS)])
    assert list(play(packets))[-1] == pytest.approx(packets[-1].true_ms, abs=2)


def test_a_clock_of_32_bits_wraps_unseen() -> None:
    packets = stamp(capture(20_000), modulus=2**32, start_ms=2**32 - 10_000)
    assert worst_skew_ms(packets) <= 2
    assert list(play(packets))[-1] == pytest.approx(packets[-1].true_ms, abs=2)


@pytest.mark.parametrize("resumes_ms", [67, HOUR_MS], ids=["where it stood", "at the right time"])
def test_an_hour_of_stalled_clock(resumes_ms: int) -> None:
    packets = [p._replace(timestamp_ms=EPOCH_MS) for p in stamp(capture(HOUR_MS))]
    packets += [
        Stamped(p.track, p.true_ms + HOUR_MS, p.timestamp_ms + resumes_ms, p.arrival_s + 3600)
        for p in stamp(capture(60_000))
    ]
    pts_ms = list(play(packets))
    assert worst_skew_ms(packets, pts_ms) <= VIDEO_MS  # until the stamps are believed again
    assert pts_ms[-1] == pytest.approx(packets[-1].true_ms, abs=100)


def test_a_stalled_clock_with_a_wrong_frame_rate_follows_the_wall_clock() -> None:
    timeline = Timeline()
    pts_ms = 0
    for index in range(10_000):
        pts_ms = timeline.map(Track.VIDEO, EPOCH_MS, index / 12, nominal_ms=VIDEO_MS)
    assert pts_ms == pytest.approx(10_000 / 12 * 1000, abs=600)


def test_stamps_in_whole_seconds_are_spread_by_the_frame_rate() -> None:
    packets = [
        Stamped(p.track, p.true_ms, p.timestamp_ms // 1000 * 1000, p.arrival_s)
        for p in stamp(video_only(10_000))
    ]
    assert list(play(packets)) == pytest.approx([p.true_ms for p in packets], abs=2)


@settings(max_examples=60)
@given(
    jumps=st.lists(
        st.tuples(
            st.integers(2, 58).map(lambda s: s * 1000),
            st.sampled_from([-THIRTY_YEARS_MS, -HOUR_MS, -1000, 1000, HOUR_MS, THIRTY_YEARS_MS]),
        ),
        max_size=5,
        unique_by=lambda jump: jump[0] // 2000,
    ),
    jitter_ms=st.integers(0, 8),
    queue_ms=st.integers(0, 120),
    speed=st.sampled_from([1, 4, 1e9]),
)
def test_skew_stays_small_whatever_the_clock_does(
    jumps: list[tuple[int, int]], jitter_ms: int, queue_ms: int, speed: float
) -> None:
    packets = stamp(
        capture(60_000),
        jumps,
        speed=speed,
        jitter_ms=jitter_ms,
        queue_ms=queue_ms,
        start_ms=EPOCH_MS * 2,
    )
    assert worst_skew_ms(packets) <= 40


def test_an_hour_with_a_jump_every_five_minutes() -> None:
    sizes = [HOUR_MS, -HOUR_MS, 1000, -1000, THIRTY_YEARS_MS, -THIRTY_YEARS_MS] * 2
    jumps = [(300_000 * (index + 1) - 150_000, size) for index, size in enumerate(sizes)]
    packets = stamp(capture(HOUR_MS), jumps, jitter_ms=5, start_ms=EPOCH_MS * 2)
    assert worst_skew_ms(packets) <= 40


OFF_MS = [-THIRTY_YEARS_MS, -HOUR_MS, -1500, 1500, HOUR_MS, THIRTY_YEARS_MS]


@settings(max_examples=30)
@given(
    st.sets(st.integers(2, 400)),  # the first one of a track says where it begins
    st.lists(st.sampled_from(OFF_MS), min_size=401, max_size=401),
    st.integers(0, 20),
)
def test_packets_that_are_stamped_wrong_one_by_one_cost_nothing(
    off: set[int], by_ms: list[int], jitter_ms: int
) -> None:
    packets = stamp(capture(15_000), jitter_ms=jitter_ms)
    chosen = {index for index in off if index - 1 not in off and index - 2 not in off}
    damaged = [
        p._replace(timestamp_ms=max(0, p.timestamp_ms + by_ms[i])) if i in chosen else p
        for i, p in enumerate(packets)
    ]
    for packet, pts_ms in zip(damaged, play(damaged), strict=True):
        assert abs(pts_ms - packet.true_ms) <= 2 * VIDEO_MS + 3 * jitter_ms
    *_, last = play(damaged)
    assert last == pytest.approx(packets[-1].true_ms, abs=VIDEO_MS + 3 * jitter_ms)


def test_a_second_and_a_half_off_now_and_then_does_not_fill_ten_seconds() -> None:
    packets = [
        p._replace(timestamp_ms=p.timestamp_ms + 1500) if index % 12 == 6 else p
        for index, p in enumerate(stamp(video_only(83 * VIDEO_MS)))
    ]
    *_, last = play(packets)
    assert last == pytest.approx(packets[-1].true_ms, abs=2)


SETTLED_MS = 300_000


@pytest.mark.parametrize("rate", [0.5, 0.97, 1.001, 1.03, 2])
def test_a_clock_of_a_false_rate_is_held_to_the_time_of_arrival(rate: float) -> None:
    """Late by up to 150 ms, and with a link that stood still for 6 s now and then."""
    chance = random.Random(3)
    packets, arrival_s = [], 0.0
    for packet in stamp(capture(HOUR_MS / 4), queue_ms=100):
        is_stuck = packet.true_ms % 400_000 > 394_000
        late_ms = 400_000 - packet.true_ms % 400_000 if is_stuck else chance.uniform(0, 150)
        arrival_s = max(arrival_s, (packet.true_ms + late_ms) / 1000)
        timestamp_ms = EPOCH_MS + round(packet.true_ms * rate)
        packets.append(packet._replace(timestamp_ms=timestamp_ms, arrival_s=arrival_s))
    errors_ms = {Track.VIDEO: 0.0, Track.AUDIO: 0.0}
    for packet, pts_ms in zip(packets, play(packets), strict=True):
        errors_ms[packet.track] = pts_ms - packet.true_ms
        if packet.true_ms > SETTLED_MS:
            assert abs(errors_ms[Track.VIDEO] - errors_ms[Track.AUDIO]) <= 100
            assert abs(errors_ms[packet.track]) <= 1000


def test_a_burst_in_the_beginning_is_no_false_rate() -> None:
    """A camera begins with the pictures since its last keyframe, all at once."""
    packets = [
        p._replace(arrival_s=max(0, p.arrival_s - 8)) for p in stamp(capture(300_000), jitter_ms=5)
    ]
    for packet, pts_ms in zip(packets, play(packets), strict=True):
        assert abs(pts_ms - packet.true_ms) <= 20


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(st.sampled_from(list(Track)), st.integers(0, 2**64 - 1), st.floats(0, 100)),
        max_size=200,
    )
)
def test_garbage_still_grows(packets: list[tuple[Track, int, float]]) -> None:
    arrival_s = 0.0
    stamped = []
    for track, timestamp_ms, wait_s in packets:
        arrival_s += wait_s
        stamped.append(Stamped(track, 0, timestamp_ms, arrival_s))
    assert len(list(play(stamped))) == len(stamped)
