"""Pictures in a window of the desktop, with OpenCV; the only place that opens one."""

import os
import subprocess
import sys
import time
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar, Self

from v380cli.errors import MediaError
from v380cli.sinks.screen.scene import Scene

if TYPE_CHECKING:
    import av

LARGEST = (1280, 720)  # of the window at first; larger pictures are scaled into it
PROBE_TIMEOUT_S = 20.0
# What OpenCV reports: keysyms of X11, which Qt passes on, less the byte that GTK keeps.
KEY_NAMES = {
    0xFF51: "left",
    0xFF52: "up",
    0xFF53: "right",
    0xFF54: "down",
    27: "esc",
    32: "space",
}
KEY_MASK = 0xFFFF
FULL_SCREEN_KEY = "f"
# Lines of text for a picture of 720 rows; others scale with their height.
LINE_HEIGHT, TEXT_SIZE, MARGIN = 34, 0.8, 12
HELP_COLUMN = 6  # in heights of a line
INK, BADGE_INK = (245, 245, 245), (40, 40, 255)  # blue, green, red
SHADE = 4  # what lies behind text is a quarter as bright

INSTALL_HINT = "install what it needs: apt-get install libgl1 libglib2.0-0; or use --terminal"
NO_DISPLAY = "there is no display"
# Qt ends the process when it cannot reach the display, so another process tries first.
PROBE = "import cv2; cv2.namedWindow('v380')"


class Window:
    """A window that keeps the shape of the picture; MediaError when OpenCV cannot be loaded."""

    KEYS: ClassVar[dict[str, str]] = {FULL_SCREEN_KEY: "full screen"}

    def __init__(self, title: str) -> None:
        self._cv2 = load_opencv()
        self._title = title
        self._is_open = False
        self._is_full = False

    @property
    def is_closed(self) -> bool:
        """Whether its X was clicked."""
        return self._is_open and self._read_property("WND_PROP_VISIBLE") < 1

    @property
    def is_ready(self) -> bool:
        """Always: the desktop takes what it gets."""
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._cv2.destroyAllWindows()

    def show(self, scene: Scene) -> None:
        """Show it; the window opens with the first picture."""
        if self.is_closed or scene.picture is None:
            return
        pixels: Any = scene.picture.to_ndarray(format="bgr24")
        if not scene.is_live:
            pixels = pixels >> 1
        if not self._is_open:
            self._open(scene.picture)
        self._cv2.setWindowTitle(self._title, scene.status)
        self._cv2.imshow(self._title, self._write_words(pixels, scene))

    def read_keys(self, timeout_s: float) -> list[str]:
        if not self._is_open:  # nothing to press keys in
            time.sleep(timeout_s)
            return []
        code = self._cv2.waitKeyEx(max(1, round(timeout_s * 1000)))
        name = name_key(code)
        if name == FULL_SCREEN_KEY:
            self._toggle_full_screen()
            return []
        return [name] if name else []

    def _open(self, picture: "av.VideoFrame") -> None:
        cv2 = self._cv2
        cv2.namedWindow(
            self._title, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL
        )
        scale = min(1.0, LARGEST[0] / picture.width, LARGEST[1] / picture.height)
        cv2.resizeWindow(self._title, round(picture.width * scale), round(picture.height * scale))
        self._is_open = True

    def _toggle_full_screen(self) -> None:
        self._is_full = not self._is_full
        self._cv2.setWindowProperty(
            self._title, self._cv2.WND_PROP_FULLSCREEN, float(self._is_full)
        )

    def _read_property(self, name: str) -> float:
        try:
            return float(self._cv2.getWindowProperty(self._title, getattr(self._cv2, name)))
        except self._cv2.error:  # there is no such window any more
            return -1.0

    def _write_words(self, pixels: Any, scene: Scene) -> Any:
        """The picture with its badge above, and help and note on a dark strip below."""
        lines = [*scene.help, *([(scene.note, "")] if scene.note else [])]
        if not (lines or scene.badge):
            return pixels
        height = pixels.shape[0]
        line_height = max(12, round(LINE_HEIGHT * height / LARGEST[1]))
        top = max(0, height - line_height * len(lines) - MARGIN) if lines else height
        written = pixels.copy()
        written[top:] //= SHADE
        for number, (keys, meaning) in enumerate(lines, start=1):
            baseline = top + number * line_height - line_height // 4
            self._write(written, keys, MARGIN, baseline, INK)
            self._write(written, meaning, HELP_COLUMN * line_height, baseline, INK)
        self._write(written, scene.badge, MARGIN, line_height, BADGE_INK)
        return written

    def _write(self, pixels: Any, text: str, x: int, y: int, ink: tuple[int, int, int]) -> None:
        """Put text on a picture; OpenCV's letters are ASCII."""
        scale = pixels.shape[0] / LARGEST[1]
        self._cv2.putText(
            pixels,
            text.encode("ascii", "replace").decode(),
            (x, y),
            self._cv2.FONT_HERSHEY_SIMPLEX,
            TEXT_SIZE * scale,
            ink,
            max(1, round(2 * scale)),
            self._cv2.LINE_AA,
        )


def load_opencv() -> ModuleType:
    """Import OpenCV without its talk about fonts; MediaError says what to install."""
    os.environ.setdefault("QT_LOGGING_RULES", "*.warning=false")
    try:
        import cv2
    except ImportError as error:
        raise MediaError(f"OpenCV cannot be loaded: {error}", hint=INSTALL_HINT) from error
    return cv2


def find_display_problem() -> str:
    """Why no window can be opened here, as the rest of a sentence; empty if one can."""
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return NO_DISPLAY
    load_opencv()
    try:
        probe = subprocess.run(  # noqa: S603 - our own interpreter
            [sys.executable, "-c", PROBE],
            capture_output=True,
            timeout=PROBE_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "the display does not answer"
    if probe.returncode == 0:
        return ""
    return "this OpenCV has no windows" if probe.returncode > 0 else "the display cannot be reached"


def name_key(code: int) -> str:
    """The name of what `waitKeyEx` returned; empty for nothing and for what has none."""
    if code < 0:
        return ""
    code &= KEY_MASK
    return KEY_NAMES.get(code) or (chr(code) if ord("!") <= code <= ord("~") else "")
