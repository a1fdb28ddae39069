"""Controls: 16-byte packets on the socket of a live stream (PROTOCOL.md, section 5a).

The camera answers none of them. Each kind needs an ability that the reply to a log-in tells.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import ClassVar

from v380cli.wire.abilities import Abilities
from v380cli.wire.commands import ControlCommand
from v380cli.wire.layout import I32, U8, U16, Annotated, Message

CONTROL_BYTES = 16
# The vendor's app sends 1 to 5 for a flick of the finger, and 0 every 200 ms while a button is held
# (DEMO NVPlayerPlayActivity.java, PTZTimerThread and PTZGestureListener).
MIN_STEP, MAX_STEP = 1, 5
HELD_STEP, HELD_INTERVAL_S = 0, 0.2
AXIS_IDLE = 1000  # of the PTZ packet's first two numbers always, and of an axis that stands still


class Ability(StrEnum):
    """What a control needs; the values are fields of `Abilities`, and words for a person."""

    AUDIO = "audio"
    PTZ = "ptz"
    FLIP = "flip"
    PRESETS = "presets"
    LIGHT = "light"
    COLOR_MODE = "color_mode"
    LIGHT_SENSITIVITY = "light_sensitivity"
    TRACKING = "tracking"
    ZOOM = "zoom"

    @property
    def words(self) -> str:
        """As it stands in a sentence."""
        return {Ability.PTZ: "PTZ", Ability.COLOR_MODE: "colour mode"}.get(
            self, self.value.replace("_", " ")
        )


class Pan(IntEnum):
    """To the sides."""

    NONE = AXIS_IDLE
    LEFT = 1001
    RIGHT = 1002


class Tilt(IntEnum):
    """Up and down."""

    NONE = AXIS_IDLE
    UP = 1003
    DOWN = 1004


class PtzDirection(StrEnum):
    """Where to turn; a diagonal moves both axes."""

    LEFT = "left"
    RIGHT = "right"
    UP = "up"
    DOWN = "down"
    UP_LEFT = "up-left"
    UP_RIGHT = "up-right"
    DOWN_LEFT = "down-left"
    DOWN_RIGHT = "down-right"


class PresetAction(IntEnum):
    """What to do with a stored position; 171 carries GO, settings command 329 all of them."""

    ADD = 100
    DELETE = 101
    SET = 102
    GO = 103


class Orientation(IntEnum):
    """Which way the picture stands."""

    REVERSE = 1000
    UP = 1001
    DOWN = 1002
    LEFT = 1003
    RIGHT = 1004


class ZoomDirection(IntEnum):
    """Which of the two numbers is in, no source says (U)."""

    IN = 1000
    OUT = 1001


class LightSwitch(IntEnum):
    """How to switch the light."""

    ON = 1001
    OFF = 1002
    AUTO = 1003


class ColorSwitch(IntEnum):
    """How to show the picture."""

    COLOR = 1001
    BLACK_AND_WHITE = 1002
    AUTO = 1003


class LightSensitivity(IntEnum):
    """How dark it has to be for the light."""

    LOW = 1
    NORMAL = 2
    HIGH = 3


class TrackingAction(IntEnum):
    """What 199 is about."""

    SET_HOME = 1001
    SWITCH = 1002


class TrackingState(IntEnum):
    """The argument of `TrackingAction.SWITCH`."""

    ON = 1100
    OFF = 1101


@dataclass(frozen=True, slots=True, kw_only=True)
class Control(Message):
    """What every control begins with."""

    SIZE: ClassVar[int] = CONTROL_BYTES
    NEEDS: ClassVar[Ability | None] = None

    command: Annotated[int, I32.at(0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PtzControl(Control):
    """170: turn by a step, which ends by itself; as it is by default it stops the camera."""

    NEEDS: ClassVar[Ability | None] = Ability.PTZ

    command: Annotated[int, I32.at(0)] = ControlCommand.PTZ
    unknown_0x04: Annotated[int, U16.at(4)] = AXIS_IDLE  # always 1000
    unknown_0x06: Annotated[int, U16.at(6)] = AXIS_IDLE  # always 1000
    pan: Annotated[int, U16.at(8)] = Pan.NONE
    tilt: Annotated[int, U16.at(10)] = Tilt.NONE
    channel: Annotated[int, U16.at(12)] = 0
    step: Annotated[int, U16.at(14)] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetControl(Control):
    """171: go to a stored position."""

    NEEDS: ClassVar[Ability | None] = Ability.PRESETS

    command: Annotated[int, I32.at(0)] = ControlCommand.PRESET
    action: Annotated[int, I32.at(4)] = PresetAction.GO
    preset_id: Annotated[int, I32.at(8)]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrientationControl(Control):
    """190: turn the picture over, or say which way it stands."""

    NEEDS: ClassVar[Ability | None] = Ability.FLIP

    command: Annotated[int, I32.at(0)] = ControlCommand.ORIENTATION
    orientation: Annotated[int, I32.at(4)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoomControl(Control):
    """195: zoom by a step; the source calls it focus, too."""

    NEEDS: ClassVar[Ability | None] = Ability.ZOOM

    command: Annotated[int, I32.at(0)] = ControlCommand.ZOOM
    direction: Annotated[int, I32.at(4)]
    step: Annotated[int, I32.at(8)] = MIN_STEP


@dataclass(frozen=True, slots=True, kw_only=True)
class LightControl(Control):
    """196: `brightness` 0 leaves it to the camera; what is not saved ends with a restart (I)."""

    NEEDS: ClassVar[Ability | None] = Ability.LIGHT

    command: Annotated[int, I32.at(0)] = ControlCommand.LIGHT
    switch: Annotated[int, I32.at(4)]
    brightness: Annotated[int, U8.at(8)] = 0
    save: Annotated[int, U8.at(9)] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ColorControl(Control):
    """197: in colour, in black and white, or as the camera thinks fit."""

    NEEDS: ClassVar[Ability | None] = Ability.COLOR_MODE

    command: Annotated[int, I32.at(0)] = ControlCommand.COLOR
    switch: Annotated[int, I32.at(4)]
    save: Annotated[int, U8.at(8)] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LightSensitivityControl(Control):
    """198: how dark it has to be for the light."""

    NEEDS: ClassVar[Ability | None] = Ability.LIGHT_SENSITIVITY

    command: Annotated[int, I32.at(0)] = ControlCommand.LIGHT_SENSITIVITY
    sensitivity: Annotated[int, I32.at(8)]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingControl(Control):
    """199: turn after what moves or not, or make this position the one to come back to."""

    NEEDS: ClassVar[Ability | None] = Ability.TRACKING

    command: Annotated[int, I32.at(0)] = ControlCommand.TRACKING
    action: Annotated[int, I32.at(4)] = TrackingAction.SWITCH
    state: Annotated[int, I32.at(8)] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioControl(Control):
    """8449: sound in the running stream."""

    NEEDS: ClassVar[Ability | None] = Ability.AUDIO

    command: Annotated[int, I32.at(0)] = ControlCommand.AUDIO
    channel: Annotated[int, I32.at(4)] = 0
    audio: Annotated[int, I32.at(8)]


PTZ_STOP = PtzControl()

CONTROL_TYPES: dict[int, type[Control]] = {
    ControlCommand.PTZ: PtzControl,
    ControlCommand.PRESET: PresetControl,
    ControlCommand.ORIENTATION: OrientationControl,
    ControlCommand.ZOOM: ZoomControl,
    ControlCommand.LIGHT: LightControl,
    ControlCommand.COLOR: ColorControl,
    ControlCommand.LIGHT_SENSITIVITY: LightSensitivityControl,
    ControlCommand.TRACKING: TrackingControl,
    ControlCommand.AUDIO: AudioControl,
}

AXES = {
    PtzDirection.LEFT: (Pan.LEFT, Tilt.NONE),
    PtzDirection.RIGHT: (Pan.RIGHT, Tilt.NONE),
    PtzDirection.UP: (Pan.NONE, Tilt.UP),
    PtzDirection.DOWN: (Pan.NONE, Tilt.DOWN),
    PtzDirection.UP_LEFT: (Pan.LEFT, Tilt.UP),
    PtzDirection.UP_RIGHT: (Pan.RIGHT, Tilt.UP),
    PtzDirection.DOWN_LEFT: (Pan.LEFT, Tilt.DOWN),
    PtzDirection.DOWN_RIGHT: (Pan.RIGHT, Tilt.DOWN),
}
MIRRORED = {Pan.LEFT: Pan.RIGHT, Pan.RIGHT: Pan.LEFT}


def make_ptz(direction: PtzDirection, step: int = MIN_STEP, *, swapped: bool = False) -> PtzControl:
    """A turn by `step`: 1 to 5, or HELD_STEP; `swapped` sends right for left and left for right.

    Clients disagree about 1001 and 1002 (section 11), and so may cameras.
    """
    pan, tilt = AXES[direction]
    return PtzControl(pan=MIRRORED.get(pan, pan) if swapped else pan, tilt=tilt, step=step)


def make_tracking(*, on: bool) -> TrackingControl:
    """Tracking on or off."""
    return TrackingControl(state=TrackingState.ON if on else TrackingState.OFF)


def decode_control(packet: bytes) -> Control | None:
    """The control in a packet; None for another number."""
    kind = CONTROL_TYPES.get(int.from_bytes(packet[:4], "little", signed=True))
    return kind.decode(packet) if kind else None


def find_lacking(abilities: Abilities | None, control: Control) -> Ability | None:
    """The ability that `control` needs and the camera lacks; None, too, where it did not say."""
    if abilities is None or control.NEEDS is None or not abilities.tells(control.NEEDS):
        return None
    return None if getattr(abilities, control.NEEDS) else control.NEEDS
