"""CAMERA arguments to devices that one can log in to: the device list first, then the network."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from v380cli.errors import CameraNotFound, StorageError, UsageError, V380Error
from v380cli.models import DEFAULT_PORT, Beacon, Device, Via
from v380cli.store.database import DeviceList, open_device_list
from v380cli.store.records import DeviceRecord
from v380cli.text import advise_word, quote_names
from v380cli.work.identity import parse_identity
from v380cli.work.passwords import Login, prepare_login

if TYPE_CHECKING:
    from v380cli.camera.access import Access
    from v380cli.camera.interrupt import Interrupt

Stop = Callable[[], bool]
Wanted = tuple[Device, int]  # as it is known before the network is asked, and the port to ask at


class UnknownCamera(CameraNotFound):
    """The list does not have it, and the network cannot be asked for it."""


def tell_nobody(_error: V380Error) -> None:
    """For what nobody wants to hear."""


def resolve_targets(
    targets: Sequence[str] | None,
    login: Login,
    *,
    wait: bool = False,
    tell: Callable[[V380Error], None] = tell_nobody,
) -> list[Device]:
    """The cameras that `targets` name, each once, in their order, with what a log-in needs.

    A target is a name, a device id, a MAC, an address `host[:port]` or `@group`; None is the whole
    list. One of several that is not there is told, and comes without an address or an id, so that
    its log-in fails and no other; with `wait` a single one, too. Raises CameraNotFound when there
    is none, or UsageError for a target that fits several cameras.
    """
    with open_device_list(create=False) as devices:
        if targets is None:
            wanted = _list_all(devices)
        else:
            wanted = _list_each(devices, targets, login.device_id, tell)
        may_miss = wait or len(wanted) > 1
        chosen = [(_choose_road(device, login.via), port) for device, port in wanted]
        found = dict.fromkeys(_complete(*each, may_miss=may_miss) for each in chosen)
        return [prepare_login(device, devices, login) for device in found]


def find_listed(devices: DeviceList, target: str) -> list[DeviceRecord]:
    """What the list has under `target`: one camera, a group's, or none.

    Raises UsageError for a target that fits several cameras.
    """
    if target.startswith("@"):
        return devices.find_by_group(target[1:])
    if exact := devices.find_by_name(target):
        return [exact]
    found = devices.find_by_folded_name(target) or _find_by_identity(devices, target)
    if len(found) > 1:
        candidates = quote_names([record.device.name for record in found])
        raise UsageError(f"{target!r} fits several cameras: {candidates}; say which one")
    return found


def find_named(devices: DeviceList, targets: Iterable[str]) -> list[DeviceRecord]:
    """What the list, and nothing but the list, has under `targets`, each camera once.

    Raises CameraNotFound for a target that it does not have.
    """
    records: dict[str, DeviceRecord] = {}
    for target in targets:
        found = find_listed(devices, target)
        if not found:
            raise _make_unknown(devices, target)
        records.update((record.key, record) for record in found)
    return list(records.values())


def find_again(device: Device, *, stop: Stop | None = None) -> Device:
    """Look for a camera that no longer answers at its address: where something answers in its name.

    The list learns nothing of it before the camera has let us in. Raises CameraNotFound when
    nobody answers under its id and MAC before `stop` says so.
    """
    return _place(device, _find_beacon(device, device.port, stop=stop))


def look_up(device: Device) -> Device:
    """`device` with the id, the address and the MAC that it answers with.

    An address that was given stays as it is. Raises CameraNotFound when nobody answers.
    """
    if device.device_id or device.mac:
        return find_again(device)
    there = _find_beacon(device, device.port)
    return replace(device, device_id=there.device_id, mac=there.mac)


def choose_search(device: Device, stop: Stop | None = None) -> Callable[[Device], Device] | None:
    """`find_again` for who is not there yet, and for cameras of the list, which may move.

    Loopback never does.
    """
    is_listed = bool(device.name and (device.device_id or device.mac))
    may_move = is_listed and not device.host.startswith("127.")
    may_come = device.is_known and not (device.host and device.device_id)
    return partial(find_again, stop=stop) if may_move or may_come else None


def reach(device: Device, interrupt: "Interrupt | None" = None) -> "Access":
    """The way to a camera; what is learnt on it goes into the list."""
    from v380cli.camera.access import Access
    from v380cli.camera.interrupt import Interrupt
    from v380cli.camera.roads import Roads
    from v380cli.work.sharing import find_shared

    interrupt = interrupt or Interrupt()
    search = choose_search(device, interrupt)
    return Access(
        device,
        search=search,
        learn=remember_login,
        interrupt=interrupt,
        transport=Roads(device.via, find_shared),
    )


def remember_login(known: Device, device: Device) -> None:
    """Note where and in which variant a camera has let us in, if it is in the list.

    `known` is the camera as it was before, `device` as it let us in.
    """
    if not known.name or device == known:
        return
    try:
        with open_device_list(create=False) as devices:
            devices.learn_login(device)
    except StorageError as error:  # costs one more try at the next log-in, no more
        import logging

        logging.getLogger(__name__).warning("%s", error.message)


def _list_all(devices: DeviceList) -> list[Wanted]:
    records = devices.list_devices()
    if not records:
        raise UnknownCamera(
            "the device list is empty", hint="add a camera with: v380 devices add NAME"
        )
    return [(record.device, record.device.port) for record in records]


def _list_each(
    devices: DeviceList,
    targets: Iterable[str],
    device_id: int,
    tell: Callable[[V380Error], None],
) -> list[Wanted]:
    """A camera that was named twice, say by name and by group, comes once.

    What is unknown is told and has nothing but its name. Raises UnknownCamera when all are.
    """
    wanted: dict[Wanted, None] = {}
    unknown: dict[str, UnknownCamera] = {}
    for target in targets:
        try:
            wanted.update(dict.fromkeys(_list_target(devices, target, device_id)))
        except UnknownCamera as error:
            unknown[target] = error
            wanted[Device(name=target), 0] = None
    if len(unknown) == len(wanted):
        raise next(iter(unknown.values()))
    for each in unknown.values():
        tell(each)
    return list(wanted)


def _list_target(devices: DeviceList, target: str, device_id: int) -> list[Wanted]:
    records = find_listed(devices, target)
    identity = parse_identity(target)
    is_other = any(device_id not in (0, record.device.device_id) for record in records)
    if is_other and not (identity and identity.host):
        raise UsageError(f"{target!r} is not the camera with the id {device_id}")
    if records and not is_other:
        return [(record.device, record.device.port) for record in records]
    if identity is None:
        raise _make_unknown(devices, target)
    stranger = Device(
        device_id=identity.device_id or device_id,
        mac=identity.mac,
        host=identity.host,
        port=identity.port or DEFAULT_PORT,
    )
    return [(stranger, identity.port or 0)]


def _find_by_identity(devices: DeviceList, target: str) -> list[DeviceRecord]:
    identity = parse_identity(target)
    if identity is None:
        return []
    if identity.device_id:
        return devices.find_by_id(identity.device_id)
    if identity.mac:
        return devices.find_by_mac(identity.mac)
    return devices.find_by_address(identity.host, identity.port)


def _choose_road(device: Device, via: Via | None) -> Device:
    return replace(device, via=via) if via else device


def _complete(device: Device, port: int, *, may_miss: bool) -> Device:
    """Ask the network for the device id or the address, where one is missing.

    No variant is known there, so that the log-in is news to `remember_login`.
    """
    if not device.is_known or (device.device_id and device.host):
        return device
    if device.host and device.via is Via.RTSP:  # which asks for neither
        return device
    try:
        placed = _place(device, _find_beacon(device, port))
    except CameraNotFound:
        if may_miss or _has_rtsp(device):
            return device
        raise
    return replace(placed, login_variant="")


def _has_rtsp(device: Device) -> bool:
    """Whether a camera that does not answer discovery can be watched by RTSP all the same."""
    if not device.host or device.via is Via.LAN:
        return False
    if device.learnt_via is Via.RTSP:
        return True
    from v380cli.camera.rtsp import listens

    return listens(device)


def _place(device: Device, beacon: Beacon) -> Device:
    """`device` as `beacon` has it; a host that was asked stays as written: NAT may be between."""
    is_host_only = not (device.device_id or device.mac)
    return replace(
        device,
        device_id=beacon.device_id or device.device_id,
        mac=beacon.mac or device.mac,
        host=device.host if is_host_only else beacon.ip,
        port=beacon.port,
    )


def _find_beacon(device: Device, port: int = 0, stop: Stop | None = None) -> Beacon:
    """The answer of this camera; `port` tells cameras apart that share a host.

    Raises CameraNotFound when it does not answer.
    """
    from v380cli.camera import discover

    sighting = discover.find_beacon(
        device_id=device.device_id,
        mac=device.mac,
        host=device.host,
        port=0 if device.device_id or device.mac else port,
        stop=stop,
    )
    if sighting is None:
        raise CameraNotFound(f"no camera answers as {device.label}", hint=_advise(device))
    return sighting.beacon


def _advise(device: Device) -> str:
    if device.host and not device.device_id:
        return "is it on? where UDP is blocked, give its device id too: --id N"
    return "is it switched on, and in this network? `v380 discover` shows who answers"


def _make_unknown(devices: DeviceList, target: str) -> UnknownCamera:
    """The error for a target that only the list could know, with what was perhaps meant."""
    if target.startswith("@"):
        known = [f"@{group}" for group in devices.list_groups()]
        message = f"there is no group {target!r}"
    else:
        known = [name for name, _, _ in devices.list_names()]
        message = f"there is no camera {target!r} in the device list"
    return UnknownCamera(message, hint=_suggest(target, known))


def _suggest(target: str, known: list[str]) -> str:
    return (
        advise_word(target, known)
        or "`v380 devices list` shows what is in it, `v380 discover` who answers here"
    )
