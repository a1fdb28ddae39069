"""The window's own logic, with a desktop that only takes notes."""

import sys
from collections import deque
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.media_samples import HEIGHT, WIDTH, make_video
from v380cli.errors import MediaError
from v380cli.media.sink import Codec
from v380cli.sinks.pictures import decode_keyframe
from v380cli.sinks.screen import window
from v380cli.sinks.screen.scene import Scene
from v380cli.sinks.screen.window import Window, find_display_problem, name_key

PICTURE = decode_keyframe(Codec.H264, make_video(Codec.H264).keyframe)
FULL_SCREEN = 7


class DesktopError(Exception):
    """As `cv2.error`."""


class Desktop(SimpleNamespace):
    """The functions of OpenCV that a window needs; `shown` is what it shows."""

    WINDOW_NORMAL = WINDOW_KEEPRATIO = WINDOW_GUI_NORMAL = 0
    WND_PROP_VISIBLE, WND_PROP_FULLSCREEN = 4, FULL_SCREEN
    FONT_HERSHEY_SIMPLEX = LINE_AA = 0
    error = DesktopError

    def __init__(self) -> None:
        super().__init__()
        self.keys: deque[int] = deque()
        self.texts: list[str] = []
        self.sizes: list[tuple[int, int]] = []
        self.shown: Any = None
        self.title = ""
        self.is_open = False
        self.full_screen: list[float] = []

    def namedWindow(self, name: str, flags: int) -> None:  # noqa: N802
        self.is_open = True

    def resizeWindow(self, name: str, width: int, height: int) -> None:  # noqa: N802
        self.sizes.append((width, height))

    def setWindowTitle(self, name: str, title: str) -> None:  # noqa: N802
        self.title = title

    def imshow(self, name: str, pixels: Any) -> None:
        self.shown = pixels

    def putText(self, pixels: Any, text: str, *_: object) -> None:  # noqa: N802
        self.texts.append(text)

    def waitKeyEx(self, milliseconds: int) -> int:  # noqa: N802
        return self.keys.popleft() if self.keys else -1

    def setWindowProperty(self, name: str, number: int, value: float) -> None:  # noqa: N802
        assert number == FULL_SCREEN
        self.full_screen.append(value)

    def getWindowProperty(self, name: str, number: int) -> float:  # noqa: N802
        if not self.is_open:
            raise DesktopError
        return 1.0

    def destroyAllWindows(self) -> None:  # noqa: N802
        self.is_open = False


@pytest.fixture
def desktop(monkeypatch: pytest.MonkeyPatch) -> Desktop:
    made = Desktop()
    monkeypatch.setattr(window, "load_opencv", lambda: made)
    return made


def test_it_opens_with_the_first_picture(desktop: Desktop) -> None:
    with Window("porch") as screen:
        screen.show(Scene(status="waiting"))
        assert desktop.sizes == []
        assert screen.read_keys(0) == []
        screen.show(Scene(picture=PICTURE, status="porch  live"))
        assert desktop.sizes == [(WIDTH, HEIGHT)]
        assert desktop.title == "porch  live"
        assert (desktop.shown == PICTURE.to_ndarray(format="bgr24")).all()
    assert not desktop.is_open


def test_a_picture_that_is_larger_is_scaled(desktop: Desktop) -> None:
    large = PICTURE.reformat(2304, 1296)
    with Window("porch") as screen:
        screen.show(Scene(picture=large))
    assert desktop.sizes == [(1280, 720)]
    assert desktop.shown.shape == (1296, 2304, 3)


def test_an_old_picture_is_dark(desktop: Desktop) -> None:
    with Window("porch") as screen:
        screen.show(Scene(picture=PICTURE, is_live=False))
    assert np.abs(desktop.shown * 2.0 - PICTURE.to_ndarray(format="bgr24")).max() <= 1


def test_words_are_written_on_a_dark_strip(desktop: Desktop) -> None:
    help_lines = (("s", "save"), ("q", "quit"))
    with Window("porch") as screen:
        scene = Scene(picture=PICTURE, badge="REC 0:01", note="saved Tür.jpg", help=help_lines)
        screen.show(scene)
    assert set(desktop.texts) - {""} == {"s", "save", "q", "quit", "saved T?r.jpg", "REC 0:01"}
    pixels = PICTURE.to_ndarray(format="bgr24")
    assert (desktop.shown[-1] == pixels[-1] // 4).all()
    assert (desktop.shown[0] == pixels[0]).all()


def test_keys_have_names(desktop: Desktop) -> None:
    with Window("porch") as screen:
        screen.show(Scene(picture=PICTURE))
        desktop.keys += [ord("q"), 0xFF51, 0x10FF52, 27, 32, 0xFFE1, 0xFF0D]
        names = [name for _ in range(8) for name in screen.read_keys(0)]
    assert names == ["q", "left", "up", "esc", "space"]
    assert name_key(-1) == ""


def test_f_is_full_screen_and_back(desktop: Desktop) -> None:
    with Window("porch") as screen:
        screen.show(Scene(picture=PICTURE))
        desktop.keys += [ord("f")]
        assert screen.read_keys(0) == []
        desktop.keys += [ord("f")]
        screen.read_keys(0)
    assert desktop.full_screen == [1, 0]


def test_a_click_on_the_x_closes_it(desktop: Desktop) -> None:
    with Window("porch") as screen:
        closed = [screen.is_closed]
        screen.show(Scene(picture=PICTURE))
        closed.append(screen.is_closed)
        desktop.is_open, desktop.shown = False, None
        closed.append(screen.is_closed)
        screen.show(Scene(picture=PICTURE))
    assert closed == [False, False, True]
    assert desktop.shown is None  # it does not open again


def test_without_a_display_there_is_no_window(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert find_display_problem() == window.NO_DISPLAY


def test_a_display_that_is_gone_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Qt would end the whole process."""
    monkeypatch.setenv("DISPLAY", ":65000")
    assert find_display_problem() == "the display cannot be reached"


def test_a_missing_library_is_told_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(MediaError, match="OpenCV") as caught:
        window.load_opencv()
    assert "apt-get install libgl1 libglib2.0-0" in caught.value.hint
    assert "--terminal" in caught.value.hint
