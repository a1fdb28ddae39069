"""How an attempt is shown while it runs, and what is made of its end."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal

import typer

from v380cli.camera.interrupt import Interrupt
from v380cli.camera.provision import Progress
from v380cli.commands import _console
from v380cli.commands._boundary import ResultPrinted
from v380cli.commands._signals import stop_on_signals
from v380cli.errors import CameraNotFound, StorageError, V380Error
from v380cli.models import DEFAULT_USERNAME, Device, Secret
from v380cli.store.database import open_device_list
from v380cli.store.records import DeviceRecord
from v380cli.wire.provisioning import WifiSettings

Method = Literal["ap", "smartlink", "qr"]
CLEAR_LINE = "\r\x1b[K"


class Waiting(Interrupt):
    """An interrupt whose being asked shows a person that time goes by."""

    def __init__(self) -> None:
        super().__init__()
        self._began_s = time.monotonic()
        self._shown = ""
        self._doing = ""

    @property
    def elapsed_s(self) -> float:
        return time.monotonic() - self._began_s

    def say(self, text: str) -> None:
        """Tell a step on stderr; the last one stays in view with the time that it takes."""
        self.clear()
        _console.talk(text)
        self._doing = text

    def clear(self) -> None:
        """Take the line with the time away."""
        if self._shown:
            sys.stderr.write(CLEAR_LINE)
            self._shown = ""

    def __call__(self) -> bool:
        line = f"  {self.elapsed_s:.0f} s"
        if sys.stderr.isatty() and self._doing and line != self._shown:
            sys.stderr.write(f"\r{line}")
            sys.stderr.flush()
            self._shown = line
        return super().__call__()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What is wanted when the camera was seen: a place in the device list, and what goes there.

    `password` None leaves user and password as they are: this method did not log in.
    """

    method: Method
    is_saved: bool
    name: str
    username: str = DEFAULT_USERNAME
    password: Secret | None = None


@contextmanager
def attempt(progress: Progress) -> Iterator[Waiting]:
    """A run that a signal ends; it then says in which state the camera is."""
    waiting = Waiting()
    with stop_on_signals(waiting.request) as caught:
        try:
            yield waiting
        except V380Error as error:
            waiting.clear()
            if caught.exit_code:
                _console.talk(f"interrupted: {progress.describe()}")
                raise typer.Exit(caught.exit_code) from None
            if progress.is_told or progress.has_new_password:
                error.hint = "; ".join(filter(None, [error.hint, progress.describe()]))
            raise
        finally:
            waiting.clear()


def finish(
    progress: Progress, network: WifiSettings, ending: Ending, waiting: Waiting, *, json_: bool
) -> None:
    """Print the result; CameraNotFound with the likely causes when the camera was not seen."""
    document = make_document(progress, network, ending.method, waiting.elapsed_s)
    if json_:
        _console.print_json(document)
    if progress.sighting is None:
        error = make_not_seen(progress, network, ending.method)
        raise ResultPrinted(error) if json_ else error
    if not json_:
        beacon = progress.sighting.beacon
        typer.echo(f"{beacon.device_id}\t{beacon.ip}\t{beacon.mac}\t{network.ssid}")
    if ending.is_saved or ending.name:
        try:
            save(progress, ending)
        except StorageError as error:
            raise ResultPrinted(error) from None


def make_document(
    progress: Progress, network: WifiSettings, method: Method, seconds: float
) -> dict[str, Any]:
    """The object of `provision ... --json`."""
    beacon = progress.sighting.beacon if progress.sighting else None
    return {
        "id": (beacon.device_id if beacon else progress.device_id) or None,
        "ip": beacon.ip if beacon else "",
        "mac": beacon.mac if beacon else progress.mac,
        "ssid": network.ssid,
        "method": method,
        "joined": beacon is not None,
        "seconds": round(seconds, 1),
    }


def make_not_seen(progress: Progress, network: WifiSettings, method: Method) -> CameraNotFound:
    """The error with the likely causes, the likeliest first."""
    camera = f"camera {progress.device_id}" if progress.device_id else "the camera"
    causes = list(_list_causes(progress, network, method))
    numbered = "; ".join(f"{number}. {cause}" for number, cause in enumerate(causes, start=1))
    return CameraNotFound(
        f"{camera} was not seen in the network {network.ssid!r} in time", hint=numbered
    )


def _list_causes(progress: Progress, network: WifiSettings, method: Method) -> Iterator[str]:
    seen = [entry for entry in progress.networks or () if entry.ssid == network.ssid]
    if progress.networks and not seen:
        yield "the camera does not see that network: too far, 5 GHz only, or spelt otherwise"
    elif seen and all(entry.is_5_ghz for entry in seen):
        yield "the camera sees that network on 5 GHz only, which most cameras cannot join"
    if method == "smartlink":
        yield "the camera is too new for SmartLink, or was not waiting for it: try provision ap"
        yield "the access point does not send this machine's multicast into the air at 2.4 GHz"
    if method == "qr":
        yield "the camera's firmware does not read this code: try provision ap"
    yield "the PSK is wrong: a camera takes any and tells nobody"
    if not progress.networks:
        yield "the network has 5 GHz only, or is out of the camera's reach"
    yield "this machine is not in that network, or a guest Wi-Fi keeps its devices apart"
    yield "the camera needs longer: `v380 discover --watch` shows when it comes"


def save(progress: Progress, ending: Ending) -> None:
    """Put the camera into the device list, or note there where and how it is reached now."""
    assert progress.sighting, "only what was seen is saved"
    if progress.sighting.conflict:  # the list must not lead to an impostor
        _console.talk("not saved: another camera claims the same id or MAC")
        return
    beacon = progress.sighting.beacon
    with open_device_list() as devices, devices.transaction():
        known = devices.learn_address(beacon)
        name = ending.name or (known.device.name if known else f"camera-{beacon.device_id}")
        if known is None:
            device = Device(
                name=name,
                device_id=beacon.device_id,
                host=beacon.ip,
                port=beacon.port,
                mac=beacon.mac,
            )
            devices.add(DeviceRecord(device=device))
        elif name != known.device.name:
            devices.update(known.device.name, lambda record: _rename(record, name))
        if ending.password is not None:
            devices.update(name, lambda record: _change_user(record, ending.username))
            devices.write_password(name, ending.password)
    _console.talk(f"saved as {name!r}")


def _rename(record: DeviceRecord, name: str) -> DeviceRecord:
    return replace(record, device=replace(record.device, name=name))


def _change_user(record: DeviceRecord, username: str) -> DeviceRecord:
    return replace(record, device=replace(record.device, username=username))
