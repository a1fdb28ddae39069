"""What the buttons of a camera's page mean: a word for each control."""

from collections.abc import Callable

from v380cli.camera.control import check_able
from v380cli.camera.recorder import Recorder
from v380cli.errors import InvalidInput, V380Error
from v380cli.models import Device, Via
from v380cli.wire.abilities import Abilities
from v380cli.wire.control import (
    PTZ_STOP,
    Control,
    LightControl,
    LightSwitch,
    PtzDirection,
    ZoomControl,
    ZoomDirection,
    make_ptz,
)


def _make_turn(direction: PtzDirection) -> Callable[[Device], Control]:
    return lambda device: make_ptz(direction, swapped=device.ptz_swapped)


def _always(control: Control) -> Callable[[Device], Control]:
    return lambda _device: control


TURNS = (PtzDirection.LEFT, PtzDirection.RIGHT, PtzDirection.UP, PtzDirection.DOWN)
ORDERS: dict[str, Callable[[Device], Control]] = {
    **{str(direction): _make_turn(direction) for direction in TURNS},
    "stop": _always(PTZ_STOP),
    "zoom-in": _always(ZoomControl(direction=ZoomDirection.IN)),
    "zoom-out": _always(ZoomControl(direction=ZoomDirection.OUT)),
    "light-on": _always(LightControl(switch=LightSwitch.ON)),
    "light-off": _always(LightControl(switch=LightSwitch.OFF)),
    "light-auto": _always(LightControl(switch=LightSwitch.AUTO)),
}


def send_order(recorder: Recorder, order: str) -> None:
    """Send what a word means over the running stream; the camera confirms nothing.

    Raises InvalidInput for another word, NotAble for what the camera lacks, NetworkError.
    """
    if order not in ORDERS:
        raise InvalidInput(f"{order!r} is not one of {', '.join(ORDERS)}")
    control = ORDERS[order](recorder.device)
    check_able(_read_abilities(recorder), [control])
    recorder.send_control(control.encode())


def list_orders(recorder: Recorder) -> list[str]:
    """The words that this camera may obey, as far as it tells; over RTSP there are none."""
    if recorder.via in ("", Via.RTSP):
        return []
    return [order for order, make in ORDERS.items() if _may_obey(recorder, make(recorder.device))]


def _read_abilities(recorder: Recorder) -> Abilities | None:
    return recorder.ticket.abilities if recorder.ticket else None


def _may_obey(recorder: Recorder, control: Control) -> bool:
    try:
        check_able(_read_abilities(recorder), [control])
    except V380Error:
        return False
    return True
