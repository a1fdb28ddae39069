"""What a watch of the pictures says of a disk that stood still."""

import pytest

from v380cli.camera.watch import PictureWatch
from v380cli.errors import NetworkError

STALL = "writing stood still for 40.0 s"


@pytest.fixture
def watch() -> PictureWatch:
    """Of a link whose last picture took from 10 s to 50 s to be written."""
    watch = PictureWatch(silence_s=8.0)
    watch.open_link(0.0)
    watch.note_media(10.0, 50.0)
    return watch


def note_picture(watch: PictureWatch, captured_s: float, *, has_backlog: bool = False) -> None:
    watch.note_picture(60.0, captured_s, unusable_frames=0, has_backlog=has_backlog)


def explain(watch: PictureWatch, message: str) -> str:
    return watch.explain_loss(NetworkError(message)).message


def test_a_stall_is_why_pictures_are_missing_and_links_are_lost(watch: PictureWatch) -> None:
    assert watch.explain_hole(unusable_frames=0) == STALL
    assert explain(watch, "no media for 8 s") == f"{STALL}, then: no media for 8 s"


def test_pictures_that_were_read_before_it_or_have_waited_meanwhile_do_not_end_it(
    watch: PictureWatch,
) -> None:
    note_picture(watch, 10.1)
    note_picture(watch, 12.0, has_backlog=True)
    assert watch.explain_hole(unusable_frames=0) == STALL


def test_a_picture_that_came_after_it_ends_it(watch: PictureWatch) -> None:
    note_picture(watch, 50.1)
    assert explain(watch, "it hung up") == "it hung up"


def test_a_short_one_makes_no_camera_hang_up() -> None:
    watch = PictureWatch(silence_s=8.0)
    watch.note_media(10.0, 17.0)
    assert explain(watch, "it hung up") == "it hung up"


def test_of_what_fails_after_the_link_it_is_not_the_cause(watch: PictureWatch) -> None:
    watch.close_link()
    assert explain(watch, "no answer") == "no answer"
