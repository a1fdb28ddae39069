"""What waits for somebody slower, and what of it is lost."""

import threading

from v380cli.media.sink import Packet, Track
from v380cli.sinks.backlog import Backlog

GOP = 5


def picture(number: int, size: int = 1) -> Packet:
    return Packet(Track.VIDEO, bytes(size), number, number % GOP == 0)


def take_all(backlog: Backlog) -> list[int]:
    backlog.close()
    taken = []
    while packet := backlog.get():
        taken.append(packet.pts_ms)
    return taken


def test_all_comes_out_in_order() -> None:
    backlog = Backlog()
    for number in range(20):
        backlog.put(picture(number))
    assert take_all(backlog) == list(range(20))
    assert backlog.dropped_frames == 0


def test_a_full_one_goes_on_at_a_keyframe() -> None:
    backlog = Backlog(max_packets=7)
    for number in range(12):
        backlog.put(picture(number))
    assert [backlog.get().pts_ms for _ in range(7)] == list(range(7))  # type: ignore[union-attr]
    for number in range(12, 18):
        backlog.put(picture(number))
    assert take_all(backlog) == [15, 16, 17]
    assert backlog.dropped_frames == 8


def test_a_keyframe_for_which_there_is_no_room_opens_nothing() -> None:
    backlog = Backlog(max_packets=4)
    for number in range(2 * GOP + 1):
        backlog.put(picture(number))
    assert take_all(backlog) == [0, 1, 2, 3]


def test_bytes_are_counted_too() -> None:
    backlog = Backlog(max_bytes=1000)
    for number in range(10):
        backlog.put(picture(number, size=400))
    assert take_all(backlog) == [0, 1, 2]


def test_sound_is_dropped_with_the_pictures_and_not_counted() -> None:
    backlog = Backlog(max_packets=1)
    backlog.put(picture(0))
    backlog.put(Packet(Track.AUDIO, b"", 1))
    assert backlog.get() == picture(0)
    backlog.put(Packet(Track.AUDIO, b"", 2))
    assert take_all(backlog) == []
    assert backlog.dropped_frames == 0


def test_who_waits_is_woken() -> None:
    backlog = Backlog()
    taken: list[Packet | None] = []
    reader = threading.Thread(target=lambda: taken.extend((backlog.get(), backlog.get())))
    reader.start()
    backlog.put(picture(0))
    backlog.close()
    reader.join(60)
    assert taken == [picture(0), None]
