"""Whether what moves is a person, by a net that the user brings: an ONNX file, run by OpenCV.

No such file comes with this program. What is taken is what YOLO exports: an input of 1 x 3 x H x H,
RGB from 0 to 1; an output of 1 x (4 + classes) x N, or of 1 x N x (5 + classes) with objectness.
The first class is the person, as in COCO.
"""

import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from v380cli.errors import InvalidInput
from v380cli.sinks.motion import Box
from v380cli.sinks.screen.window import load_opencv

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from v380cli.sinks.pictures import Picture

LEAST_SCORE = 0.4
MARGIN = 0.5  # of what moves, on each side: a leg moves first
SIZES = (640, 320, 416, 512, 256, 224, 192, 160, 128, 96, 64)  # of inputs; files do not tell
SIDES, OBJECTNESS = 4, 1  # what stands before the classes
MAX_FILE_BYTES = 512 << 20

log = logging.getLogger(__name__)


class PersonFinder:
    """Looks at parts of pictures, one at a time, whichever thread asks.

    InvalidInput for a file that OpenCV does not take, or whose output is another one.
    """

    def __init__(self, path: Path) -> None:
        import numpy

        self._np = numpy
        self._cv2: Any = load_opencv()
        self._lock = threading.Lock()
        self._net = self._load(path)
        self._size = self._find_size(path)

    def find(self, picture: "Picture", boxes: Sequence[Box]) -> float:
        """How sure the net is of a person where something moves, 0 to 1; 0 below `LEAST_SCORE`."""
        pixels: Any = picture.to_ndarray(format="rgb24")
        with self._lock:
            scores = [self._judge(_cut(pixels, box)) for box in boxes[:1]]
        best = max(scores, default=0.0)
        return best if best >= LEAST_SCORE else 0.0

    def _judge(self, pixels: Any) -> float:
        return _find_best(self._run(self._fit(pixels)))

    def _fit(self, pixels: Any) -> Any:
        """The pixels as large as they can be in the net's square, and grey around them."""
        height, width = pixels.shape[:2]
        scale = self._size / max(height, width)
        size = max(1, round(width * scale)), max(1, round(height * scale))
        square = self._np.full((self._size, self._size, 3), 114, self._np.uint8)
        square[: size[1], : size[0]] = self._cv2.resize(pixels, size)
        return square

    def _run(self, square: Any) -> "NDArray[np.float32]":
        self._net.setInput(self._cv2.dnn.blobFromImage(square, 1 / 255))
        output: NDArray[np.float32] = self._net.forward()
        return output

    def _load(self, path: Path) -> Any:
        try:
            if path.stat().st_size > MAX_FILE_BYTES:
                raise InvalidInput(f"{path} is too large for a net")
            data = self._np.fromfile(path, self._np.uint8)
            return self._cv2.dnn.readNetFromONNX(data)
        except OSError as error:
            raise InvalidInput(f"{path} cannot be read: {error.strerror}") from error
        except self._cv2.error as error:
            raise _refuse(path) from error

    def _find_size(self, path: Path) -> int:
        """The first size with which the net gives what we know."""
        for size in SIZES:
            try:
                output = self._run(self._np.zeros((size, size, 3), self._np.uint8))
            except self._cv2.error:
                continue
            if output.ndim == 3 and min(output.shape[1:]) > SIDES:
                log.info("%s: an input of %d, an output of %s", path, size, output.shape)
                return size
        raise _refuse(path)


def _find_best(output: "NDArray[np.float32]") -> float:
    """The best score of the first class."""
    rows = output[0]
    if rows.shape[0] > rows.shape[1]:  # N x (5 + classes)
        scores = rows[:, SIDES] * rows[:, SIDES + OBJECTNESS]
    else:
        scores = rows[SIDES]
    return float(min(1.0, max(0.0, scores.max())))


def _cut(pixels: Any, box: Box) -> Any:
    """The part of a picture around a box."""
    rows = _widen(box.y, box.height, pixels.shape[0])
    columns = _widen(box.x, box.width, pixels.shape[1])
    return pixels[rows, columns]


def _widen(start: float, size: float, pixels: int) -> slice:
    """A stretch with its margins, at least a pixel."""
    first = min(pixels - 1, int(max(0.0, start - size * MARGIN) * pixels))
    return slice(first, max(first + 1, int(min(1.0, start + size * (1 + MARGIN)) * pixels)))


def _refuse(path: Path) -> InvalidInput:
    return InvalidInput(
        f"{path} is not a net that finds persons",
        hint="it takes what YOLO exports as ONNX, of v5, v8 or later, with the classes of COCO",
    )
