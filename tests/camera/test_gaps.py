"""What a stall of 40 s costs is told by the camera's stamps, not by when things arrive."""

import pytest

from v380cli.camera.gaps import CaptureClock, PictureTimes


class Player:
    """Both clocks, fed as a recorder does."""

    def __init__(self) -> None:
        self.capture, self.pictures = CaptureClock(), PictureTimes()

    def play(self, *pictures: tuple[int, float]) -> list[float]:
        """Take pictures, stamped and arrived so; the holes before them."""
        return [
            self.pictures.note(self.capture.place("video", stamp_ms, arrival_s))
            for stamp_ms, arrival_s in pictures
        ]


def test_pictures_that_have_waited_are_not_missing() -> None:
    pictures = [(n * 100, max(n / 10, 40.0)) for n in range(3, 420)]
    assert not any(Player().play((0, 0.0), (100, 0.1), (200, 0.2), *pictures))


def test_what_was_thrown_away_meanwhile_is() -> None:
    waited = [(n * 100, 40.0) for n in range(3, 23)]
    holes = Player().play((0, 0.0), (200, 0.2), *waited, (40_000, 40.05), (40_100, 40.1))
    assert [hole for hole in holes if hole] == [pytest.approx(37.8, abs=0.1)]


def test_a_link_that_is_lost_then_is_missing_from_the_last_picture_on() -> None:
    player = Player()
    player.play((0, 0.0), (200, 0.2), *((n * 100, 40.0) for n in range(3, 23)))
    assert player.pictures.last_s == pytest.approx(2.2)
    player.capture.restart()
    assert player.play((5, 41.0)) == [pytest.approx(38.8)]


@pytest.mark.parametrize("stamp", [0, 200, -(10**9), 10**12])
def test_stamps_that_make_no_sense_are_not_believed(stamp: int) -> None:
    holes = Player().play((0, 0.0), (200, 0.2), (stamp, 5.2))
    assert holes[-1] == pytest.approx(5.0)


def test_seldom_pictures_are_no_holes() -> None:
    player = Player()
    assert not any(player.play(*((n * 3000, n * 3.0) for n in range(1, 9)))[3:])
    assert player.pictures.measure_hole(24.0 + 5.0) == 0
    assert player.pictures.measure_hole(24.0 + 13.0) == pytest.approx(13.0)


def test_sound_that_is_stamped_behind_the_picture_beside_it_has_waited_as_well() -> None:
    clock = CaptureClock()
    clock.place("video", 200, 0.2)
    clock.place("audio", 150, 0.2)
    assert clock.place("video", 300, 40.0) == pytest.approx(0.35)
    assert clock.place("audio", 190, 40.0) == pytest.approx(0.24)
    assert clock.backlog
