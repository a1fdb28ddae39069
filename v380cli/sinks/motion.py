"""Whether something moves: pictures' brightness against what was there before, with OpenCV.

The rule, measured against MOG2, packet sizes and motion vectors: a running average, brought to the
brightness of the present picture before the difference; a threshold that follows the noise; and
the largest spot that is left when specks are gone. Of all that this takes decoding is the most.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from v380cli.errors import InvalidInput
from v380cli.sinks.screen.window import load_opencv

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Luma: TypeAlias = NDArray[np.uint8]  # height x width
    Levels: TypeAlias = NDArray[np.float32]

WIDTH = 320  # that larger pictures are reduced to; what is enlarged has larger noise
BLUR = (5, 5)
LEARN_TIME_S = 2.4  # a lasting change is two thirds background after so long
FASTEST_LEARNING = 0.4  # of a sample, however long after the one before
NOISE_SHARE = 0.1  # of a sample in the running noise
NOISE_FACTOR = 6.0  # times the median difference
LEAST_NOISE = 0.4
# An average that differs by more in most places: another light or infra-red, not something moving.
LIGHT_SHARE = 0.6
SETTLE_S = 3.0  # after such a change and at first, when nothing is told
STALE_S = 15.0  # nobody has a longer keyframe interval: what was there before says nothing
# A pixel that changes often, in a swaying tree or a clock, has to differ by more than it does.
RESTLESS_FACTOR = 3.0
RESTLESS_TIME_S = 12.0
MAX_BOXES = 8
BACKGROUND_LABEL = 0
# What differs but is as it was a moment ago has not moved: the minutes of a clock in the picture.
MOMENT_S = 1.0
STEP_SHARE = 0.5  # of the least difference, from one look to the next

# At sensitivity 5; each step is a factor.
MIDDLE_SENSITIVITY = 5
SENSITIVITIES = range(1, 11)
THRESHOLD, THRESHOLD_STEP = 14.0, 1.12  # levels
MIN_AREA, MIN_AREA_STEP = 0.0012, 1.4  # share of the picture


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in fractions of the picture."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionOptions:
    """What counts as motion: in `zones` where there are any, never in `masks`.

    `sensitivity` is 1 to 10; `min_area`, a share of the picture, replaces what it says of sizes.
    """

    sensitivity: int = MIDDLE_SENSITIVITY
    zones: tuple[Box, ...] = ()
    masks: tuple[Box, ...] = ()
    min_area: float | None = None

    @property
    def least_area(self) -> float:
        """Share of the picture below which a spot is none."""
        if self.min_area is not None:
            return self.min_area
        return MIN_AREA * MIN_AREA_STEP ** (MIDDLE_SENSITIVITY - self.sensitivity)

    @property
    def least_difference(self) -> float:
        """Levels below which a pixel has not changed."""
        return THRESHOLD * THRESHOLD_STEP ** (MIDDLE_SENSITIVITY - self.sensitivity)


@dataclass(frozen=True, slots=True)
class Look:
    """What a picture shows: the spots that moved, the largest first.

    `area` is that one's share of the picture, `score` how clearly it differs, 0 to 1.
    """

    area: float = 0.0
    score: float = 0.0
    boxes: tuple[Box, ...] = ()


NOTHING = Look()


class Spot(NamedTuple):
    """Pixels that hang together: the rectangle around them, and how many they are."""

    left: int
    top: int
    width: int
    height: int
    size: int

    @property
    def place(self) -> tuple[slice, slice]:
        """Its rows and columns."""
        return (
            slice(self.top, self.top + self.height),
            slice(self.left, self.left + self.width),
        )


class MotionDetector:
    """Looks at pictures of one camera, in order; a new size begins anew.

    `changed` is what differed at the last look, 255 where it did; `allowed` is where that counts.
    Both are small; None is nothing, or everywhere. `options` may be changed between looks.
    """

    def __init__(self, options: MotionOptions | None = None) -> None:
        import numpy

        self._cv2: Any = load_opencv()
        self._np = numpy
        self._cv2.setNumThreads(1)  # a picture is too small to share
        self.options = options or MotionOptions()
        self._kernel = numpy.ones((3, 3), numpy.uint8)
        self._background: Levels | None = None
        self._last: Levels | None = None
        self._restless: Levels | None = None
        self.allowed: Luma | None = None
        self.changed: Luma | None = None
        self._noise = 0.0
        self._watched_s = 0.0  # how long restlessness was looked for
        self._time_s = self._settled_s = 0.0

    def look(self, luma: "Luma", time_s: float) -> Look:
        """What moved since the pictures before; `time_s` is the picture's own time."""
        frame = self._reduce(luma)
        background = self._background
        last, self._last = self._last, frame
        elapsed_s, self._time_s = time_s - self._time_s, time_s
        is_new = background is None or background.shape != frame.shape
        if background is None or last is None or is_new or not 0 <= elapsed_s <= STALE_S:
            self._begin(frame)
            return NOTHING
        difference = self._compare(frame, background)
        mask = self.changed = self._find_changed(difference, elapsed_s)
        share = self._cv2.countNonZero(mask) / mask.size
        if share > LIGHT_SHARE:
            self._begin(frame)
            return NOTHING
        self._learn(frame, background, elapsed_s)
        if time_s < self._settled_s or share < self.options.least_area:
            return NOTHING
        step = self._cv2.absdiff(frame, last) if elapsed_s <= MOMENT_S else difference
        return self._describe(self._find_spots(mask, step), mask, difference)

    def _reduce(self, luma: "Luma") -> "Levels":
        width = min(WIDTH, luma.shape[1])
        height = max(1, round(luma.shape[0] * width / luma.shape[1]))
        small = self._cv2.resize(luma, (width, height), interpolation=self._cv2.INTER_AREA)
        levels: Levels = self._cv2.blur(small, BLUR).astype(self._np.float32)
        return levels

    def _begin(self, frame: "Levels") -> None:
        self.changed = None
        self._background = frame
        self._noise = LEAST_NOISE
        self._settled_s = self._time_s + SETTLE_S
        if self._restless is None or self._restless.shape != frame.shape:
            self._restless, self._watched_s = self._np.zeros_like(frame), 0.0
            self.allowed = _draw_zones(self.options, *frame.shape)

    def _compare(self, frame: "Levels", background: "Levels") -> "Levels":
        """How much each pixel differs, whatever the exposure does.

        What is written into the picture, a clock for one, does not go with the exposure.
        """
        gain = frame.mean() / max(1.0, background.mean())
        lit = self._cv2.absdiff(frame, background * self._np.float32(gain))
        difference: Levels = self._cv2.min(lit, self._cv2.absdiff(frame, background))
        return difference

    def _find_changed(self, difference: "Levels", elapsed_s: float) -> "Luma":
        restless = self._restless
        assert restless is not None
        noise = max(LEAST_NOISE, float(self._np.median(difference[::4, ::4])))
        self._noise += NOISE_SHARE * (noise - self._noise)
        least = max(self.options.least_difference, NOISE_FACTOR * max(noise, self._noise))
        threshold = self._cv2.max(restless * RESTLESS_FACTOR, least)
        changed: Luma = self._cv2.compare(difference, threshold, self._cv2.CMP_GT)
        self._watched_s = min(RESTLESS_TIME_S, self._watched_s + elapsed_s)
        share = min(FASTEST_LEARNING, elapsed_s / max(self._watched_s, 1e-3))
        self._cv2.accumulateWeighted(difference, restless, share)
        if self.allowed is not None:
            changed = self._cv2.bitwise_and(changed, self.allowed)
        opened: Luma = self._cv2.morphologyEx(changed, self._cv2.MORPH_OPEN, self._kernel)
        return opened

    def _learn(self, frame: "Levels", background: "Levels", elapsed_s: float) -> None:
        is_settling = self._time_s < self._settled_s
        share = FASTEST_LEARNING if is_settling else elapsed_s / LEARN_TIME_S
        self._cv2.accumulateWeighted(frame, background, min(FASTEST_LEARNING, share))

    def _find_spots(self, mask: "Luma", step: "Levels") -> list[Spot]:
        """What is large enough and stirs, by what each pixel differs from a moment ago."""
        _, labels, stats, _ = self._cv2.connectedComponentsWithStats(mask)
        least_step = self.options.least_difference * STEP_SHARE
        least_size = self.options.least_area * mask.size
        spots = []
        for label, (left, top, width, height, size) in enumerate(stats.tolist()):
            if label == BACKGROUND_LABEL or size < least_size:
                continue
            spot = Spot(left, top, width, height, size)
            if (step[spot.place][labels[spot.place] == label] > least_step).any():
                spots.append(spot)
        return sorted(spots, key=lambda spot: -spot.size)[:MAX_BOXES]

    def _describe(self, spots: list[Spot], mask: "Luma", difference: "Levels") -> Look:
        if not spots:
            return NOTHING
        rows, columns = mask.shape
        place = spots[0].place
        inside = difference[place][mask[place] > 0]
        score = 1 - self.options.least_difference / max(1.0, float(inside.mean()))
        boxes = tuple(
            Box(spot.left / columns, spot.top / rows, spot.width / columns, spot.height / rows)
            for spot in spots
        )
        return Look(spots[0].size / mask.size, max(0.0, score), boxes)


def parse_box(text: str) -> Box:
    """`X,Y,W,H` in fractions of the picture; raises InvalidInput."""
    try:
        box = Box(*(float(number) for number in text.split(",")))
    except (ValueError, TypeError):
        box = Box(0, 0, 0, 0)
    is_inside = box.x >= 0 and box.y >= 0 and box.x + box.width <= 1 and box.y + box.height <= 1
    if not (is_inside and box.width > 0 and box.height > 0):
        raise InvalidInput(
            f"{text!r} is not part of a picture",
            hint="write left, top, width and height from 0 to 1, like 0.5,0,0.5,1",
        )
    return box


def _draw_zones(options: MotionOptions, height: int, width: int) -> "Luma | None":
    """255 where motion counts; None where that is everywhere."""
    import numpy

    if not (options.zones or options.masks):
        return None
    allowed = numpy.full((height, width), 0 if options.zones else 255, numpy.uint8)
    for boxes, value in ((options.zones, 255), (options.masks, 0)):
        for box in boxes:
            top, left = round(box.y * height), round(box.x * width)
            bottom, right = round((box.y + box.height) * height), round((box.x + box.width) * width)
            allowed[top:bottom, left:right] = value
    return allowed
