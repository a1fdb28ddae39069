"""What a simulated camera does with the packets on its live socket (PROTOCOL.md, section 5a)."""

import logging
from collections import deque
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any

from v380cli.wire.abilities import Abilities, ColorMode, Light, Tracking
from v380cli.wire.control import (
    CONTROL_BYTES,
    ColorControl,
    ColorSwitch,
    Control,
    LightControl,
    LightSensitivity,
    LightSensitivityControl,
    LightSwitch,
    Orientation,
    OrientationControl,
    Pan,
    PresetAction,
    PresetControl,
    PtzControl,
    Tilt,
    TrackingAction,
    TrackingControl,
    TrackingState,
    ZoomControl,
    ZoomDirection,
    decode_control,
    find_lacking,
)

PACKET_BYTES = CONTROL_BYTES
HISTORY_LENGTH = 100
# In units of one step: a motor that reaches its end stays there.
PAN_END, TILT_END, ZOOM_END = 36, 9, 10

PAN_SIGNS: dict[int, int] = {Pan.LEFT: -1, Pan.RIGHT: 1}
TILT_SIGNS: dict[int, int] = {Tilt.UP: 1, Tilt.DOWN: -1}
LIGHTS: dict[int, Light] = {
    LightSwitch.ON: Light.ON,
    LightSwitch.OFF: Light.OFF,
    LightSwitch.AUTO: Light.AUTO,
}
COLORS: dict[int, ColorMode] = {
    ColorSwitch.COLOR: ColorMode.COLOR,
    ColorSwitch.BLACK_AND_WHITE: ColorMode.BLACK_AND_WHITE,
    ColorSwitch.AUTO: ColorMode.AUTO,
}
TRACKING: dict[int, Tracking] = {TrackingState.ON: Tracking.ON, TrackingState.OFF: Tracking.OFF}

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Position:
    """Where the lens points, in steps from the middle; right and up are positive."""

    pan: int = 0
    tilt: int = 0


@dataclass(slots=True)
class ControlState:
    """What the controls have changed, but for what the abilities tell."""

    position: Position = field(default_factory=Position)
    home: Position = field(default_factory=Position)
    presets: dict[int, Position] = field(default_factory=dict)
    brightness: int = 0
    orientation: Orientation = Orientation.UP
    zoom: int = 0


class ControlDesk:
    """Obeys the controls that the camera is able to; one for all connections of a camera.

    `swapped` is a camera whose motor has left and right the other way (section 11).
    """

    def __init__(self, abilities: Abilities, *, device_id: int = 0, swapped: bool = False) -> None:
        self.state = ControlState()
        self.obeyed: deque[Control] = deque(maxlen=HISTORY_LENGTH)
        self._abilities = abilities
        self._device_id = device_id
        self._pan_sign = -1 if swapped else 1

    def tell_abilities(self) -> Abilities:
        """What it can do, in the state that it is in."""
        return self._abilities

    def obey(self, packet: bytes) -> None:
        """Take one packet of 16 bytes; one that makes no sense changes nothing."""
        control = decode_control(packet)
        if control is None or find_lacking(self._abilities, control):
            log.info("%d: ignored %s", self._device_id, packet.hex(" ", 4))
            return
        self._act(control)
        self.obeyed.append(control)
        log.info("%d: %s", self._device_id, describe(control))

    def edit_preset(self, action: int, preset_id: int) -> bool:
        """Add, set or delete a stored position, or go to it (settings command 329); or say no."""
        state = self.state
        if not (self._abilities.presets and 0 <= preset_id < self._abilities.preset_count):
            return False
        match action:
            case PresetAction.ADD | PresetAction.SET:
                state.presets[preset_id] = replace(state.position)
            case PresetAction.DELETE:
                state.presets.pop(preset_id, None)
            case PresetAction.GO:
                self._go(preset_id)
            case _:
                return False
        log.info("%d: preset %d %s", self._device_id, preset_id, PresetAction(action).name.lower())
        return True

    def _act(self, control: Control) -> None:
        state = self.state
        match control:
            case PtzControl():
                self._turn(control)
            case PresetControl(action=PresetAction.GO, preset_id=preset_id):
                self._go(preset_id)
            case ZoomControl(direction=direction, step=step):
                sign = 1 if direction == ZoomDirection.IN else -1
                state.zoom = min(max(0, state.zoom + sign * step), ZOOM_END)
            case OrientationControl(orientation=Orientation.REVERSE):
                is_up = state.orientation == Orientation.UP
                state.orientation = Orientation.DOWN if is_up else Orientation.UP
            case OrientationControl(orientation=way) if way in list(Orientation):
                state.orientation = Orientation(way)
            case LightControl(switch=switch, brightness=brightness) if switch in LIGHTS:
                state.brightness = brightness or state.brightness
                self._change(light=LIGHTS[switch])
            case ColorControl(switch=switch) if switch in COLORS:
                self._change(color_mode=COLORS[switch])
            case LightSensitivityControl(sensitivity=level) if level in list(LightSensitivity):
                self._change(light_sensitivity=LightSensitivity(level))
            case TrackingControl(action=TrackingAction.SET_HOME):
                state.home = replace(state.position)
            case TrackingControl(state=tracking) if tracking in TRACKING:
                self._change(tracking=TRACKING[tracking])

    def _turn(self, control: PtzControl) -> None:
        step = max(1, control.step)
        pan = PAN_SIGNS.get(control.pan, 0) * self._pan_sign * step
        tilt = TILT_SIGNS.get(control.tilt, 0) * step
        position = self.state.position
        self.state.position = Position(
            pan=min(max(-PAN_END, position.pan + pan), PAN_END),
            tilt=min(max(-TILT_END, position.tilt + tilt), TILT_END),
        )

    def _go(self, preset_id: int) -> None:
        self.state.position = replace(self.state.presets.get(preset_id, self.state.position))

    def _change(self, **states: Any) -> None:
        self._abilities = replace(self._abilities, **states)


def describe(control: Control) -> str:
    """For the log: `ptz left 3`, `light on`."""
    match control:
        case PtzControl(pan=Pan.NONE, tilt=Tilt.NONE):
            return "ptz stop"
        case PtzControl(pan=pan, tilt=tilt, step=step):
            axes = [name for name in (name_of(Tilt, tilt), name_of(Pan, pan)) if name != "none"]
            return f"ptz {'-'.join(axes)} {step}"
        case PresetControl(preset_id=preset_id):
            return f"preset {preset_id} go"
        case ZoomControl(direction=direction, step=step):
            return f"zoom {name_of(ZoomDirection, direction)} {step}"
        case OrientationControl(orientation=orientation):
            return f"orientation {name_of(Orientation, orientation)}"
        case LightControl(switch=switch, brightness=brightness):
            return f"light {name_of(LightSwitch, switch)}, brightness {brightness or 'as it is'}"
        case ColorControl(switch=switch):
            return f"picture {name_of(ColorSwitch, switch)}"
        case LightSensitivityControl(sensitivity=sensitivity):
            return f"light sensitivity {name_of(LightSensitivity, sensitivity)}"
        case TrackingControl(action=TrackingAction.SET_HOME):
            return "tracking home"
        case TrackingControl(state=tracking):
            return f"tracking {name_of(TrackingState, tracking)}"
    return f"control {control.command}"


def name_of(kind: type[IntEnum], number: int) -> str:
    """The word for a number of the wire; the number where there is none."""
    return kind(number).name.lower().replace("_", " ") if number in list(kind) else str(number)
