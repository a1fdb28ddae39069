"""A picture with what the detector of motion sees in it, for somebody who sets it up."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from v380cli.sinks.motion import Box, MotionDetector
from v380cli.sinks.motion_sink import Sighting

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from v380cli.sinks.pictures import Picture

    Pixels: TypeAlias = NDArray[np.uint8]  # height x width x RGB
    Mask: TypeAlias = NDArray[np.uint8]

CHANGED = (120, 20, 20)  # is mixed with what is there
SPOT, LARGEST = (255, 210, 0), (90, 255, 90)
SHADE = 3  # where nothing counts it is so much darker


@dataclass(frozen=True, slots=True, kw_only=True)
class Vision:
    """A look with what led to it: what differs, and where that counts; None is nothing, or all."""

    sighting: Sighting
    changed: "Mask | None"
    allowed: "Mask | None"


def read_vision(sighting: Sighting, detector: MotionDetector) -> Vision:
    """What a detector saw just now."""
    return Vision(sighting=sighting, changed=detector.changed, allowed=detector.allowed)


def draw_vision(vision: Vision) -> "Picture":
    """The picture with all of it: what differs is red, what is large enough is framed."""
    import av
    import numpy

    picture = vision.sighting.picture
    pixels: Any = picture.to_ndarray(format="rgb24")
    if vision.allowed is not None:
        pixels[_enlarge(vision.allowed, pixels) == 0] //= SHADE
    if vision.changed is not None:
        changed = _enlarge(vision.changed, pixels) > 0
        pixels[changed] = pixels[changed] // 2 + numpy.array(CHANGED, numpy.uint8)
    for number, box in enumerate(vision.sighting.look.boxes):
        _frame(pixels, box, LARGEST if number == 0 else SPOT)
    return av.VideoFrame.from_ndarray(pixels, format="rgb24")


def _enlarge(mask: "Mask", pixels: "Pixels") -> "Mask":
    """The mask in the size of the picture."""
    import numpy

    height, width = pixels.shape[:2]
    rows = numpy.arange(height) * mask.shape[0] // height
    columns = numpy.arange(width) * mask.shape[1] // width
    enlarged: Mask = mask[rows[:, numpy.newaxis], columns]
    return enlarged


def _frame(pixels: "Pixels", box: Box, color: tuple[int, int, int]) -> None:
    height, width = pixels.shape[:2]
    thick = max(1, height // 180)
    top, left = int(box.y * height), int(box.x * width)
    bottom, right = int((box.y + box.height) * height), int((box.x + box.width) * width)
    inside = pixels[top:bottom, left:right]
    for edge in (inside[:thick], inside[-thick:], inside[:, :thick], inside[:, -thick:]):
        edge[:] = color
