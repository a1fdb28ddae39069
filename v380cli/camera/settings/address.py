"""Give a camera a static address or take it back, and find the camera where it is then."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from v380cli.camera.discover import find_beacon
from v380cli.camera.interrupt import Interrupt
from v380cli.camera.settings.client import SettingsClient
from v380cli.camera.settings.configure import Change, ChangeNotMade, list_differences, order, read
from v380cli.errors import CameraNotFound, NetworkError, RemoteProtocolError
from v380cli.models import Device
from v380cli.wire.settings.address import ADDRESS, Address, check_address

MOVE_TIMEOUT_S = 60.0  # it may start anew and ask the router for an address
ROUND_S = 1.0


def change_address(
    client: SettingsClient,
    edit: Callable[[Address], Address],
    *,
    timeout_s: float = MOVE_TIMEOUT_S,
    dry_run: bool = False,
) -> Change[Address]:
    """Change the address; `client.device` is the camera where it was seen afterwards.

    Raises InvalidInput, before anything is sent, for an address that cannot be; ChangeNotMade for
    a camera that stays what it was; CameraNotFound for one that is not seen in time.
    """
    before = read(client, ADDRESS)
    wanted = edit(before)
    check_address(wanted)
    if not list_address_differences(wanted, before):
        return Change(before=before, after=before, verified=True)
    if dry_run:
        return Change(before=before, after=wanted, verified=False)
    order(client, ADDRESS.list_set_forms(wanted))
    after = _find_moved(client, wanted, time.monotonic() + timeout_s)
    return Change(before=before, after=after, verified=True)


def list_address_differences(wanted: Address, after: Address) -> list[str]:
    """What is not as it was wanted; under DHCP the router chooses the rest."""
    if wanted.is_static:
        return list_differences(ADDRESS, wanted, after)
    return ["the address is static, not by DHCP"] if after.is_static else []


def _find_moved(client: SettingsClient, wanted: Address, deadline: float) -> Address:
    interrupt = client.access.interrupt
    former = client.device
    differences: list[str] = []
    while True:
        for device in _list_places(former, wanted, interrupt):
            interrupt.check()
            client.access.device = device
            after = _look(client)
            differences = list_address_differences(wanted, after) if after else []
            if after and not differences:
                return after
        if time.monotonic() >= deadline:
            break
        client.access.pause(ROUND_S)
    client.access.device = former
    raise _explain(client, wanted, differences)


def _list_places(former: Device, wanted: Address, interrupt: Interrupt) -> Iterator[Device]:
    """Where the camera may be: at the address that it was told, else where it was or answers."""
    if wanted.is_static:
        yield replace(former, host=wanted.ip)
        return
    yield former
    sighting = find_beacon(
        device_id=former.device_id, mac=former.mac, host=former.host, stop=interrupt
    )
    if sighting:
        yield replace(former, host=sighting.beacon.ip, port=sighting.beacon.port)


def _look(client: SettingsClient) -> Address | None:
    try:
        return read(client, ADDRESS)
    except (NetworkError, RemoteProtocolError):  # not there, or somebody else is
        return None


def _explain(client: SettingsClient, wanted: Address, differences: list[str]) -> Exception:
    """Why the camera was not found as it was wanted: by what it says at its former address."""
    there = _look(client)
    where = client.device.host
    if there and (differences := list_address_differences(wanted, there) or differences):
        return ChangeNotMade(f"the camera is still at {where}, and {'; '.join(differences)}")
    if there:
        return CameraNotFound(
            f"the camera took the address {wanted.ip}, and still answers at {where}",
            hint="switch it off and on; some take a new address only when they start",
        )
    target = f"at {wanted.ip}" if wanted.is_static else "under its id"
    return CameraNotFound(
        f"the camera took the address, and was not seen {target} in time",
        hint="is this machine in the same network? `v380 discover --watch` shows when it comes",
    )
