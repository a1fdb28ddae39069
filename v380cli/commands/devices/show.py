"""`v380 devices list`, `show` and `label`."""

import sys
from collections.abc import Collection
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from v380cli.commands import _console, _options
from v380cli.commands._ending import Result, end
from v380cli.commands.devices.options import ListedCamera, find_one
from v380cli.errors import PartialFailure
from v380cli.models import Secret

if TYPE_CHECKING:
    from v380cli.store.database import DeviceList
    from v380cli.store.records import DeviceRecord
    from v380cli.work.devices.checking import Check

EMPTY = "The device list is empty. Add a camera with: v380 devices add"


def list_(
    cameras: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CAMERA]...",
            help="Names, ids or groups of the list; none is all.",
            autocompletion=_options.complete_target,
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Say which cameras answer and accept the log-in.")
    ] = False,
    json_: _options.JsonOption = False,
) -> None:
    """List the cameras.

    With --check each is logged in to, and looked for where it is not where it was.

    $ v380 devices list
    $ v380 devices list @outside --check
    """
    from v380cli.commands.devices import view
    from v380cli.store.database import open_device_list

    if check:
        _list_checked(cameras, json_=json_)
        return
    with open_device_list(create=False) as devices:
        records = _find(devices, cameras)
    if json_:
        from v380cli.work.devices import documents

        _console.print_json([documents.describe_record(record) for record in records])
    elif not records:
        _console.talk(EMPTY)
    else:
        _console.print_table(view.COLUMNS, map(view.format_row, records))


def _find(devices: "DeviceList", cameras: list[str] | None) -> "list[DeviceRecord]":
    if not cameras:
        return devices.list_devices()
    from v380cli.work.targets import find_named

    return find_named(devices, cameras)


def _list_checked(cameras: list[str] | None, *, json_: bool) -> None:
    from v380cli.camera.interrupt import Interrupt
    from v380cli.commands import _passwords
    from v380cli.commands._signals import stop_on_signals
    from v380cli.commands.devices import view
    from v380cli.store.database import open_device_list
    from v380cli.work.devices import documents
    from v380cli.work.devices.checking import check_devices
    from v380cli.work.outcome import join_errors
    from v380cli.work.passwords import Login, prepare_login

    login = Login(environment=_passwords.read_environment())
    with open_device_list(create=False) as devices:
        ready = [prepare_login(record.device, devices, login) for record in _find(devices, cameras)]
    interrupts = [Interrupt() for _ in ready]

    def stop() -> None:
        for interrupt in interrupts:
            interrupt.request()

    with stop_on_signals(stop) as caught:
        checks = {check.device.name: check for check in check_devices(ready, interrupts)}
    caught.leave("interrupted")
    with open_device_list(create=False) as devices, devices.transaction():
        for name, check in checks.items():
            if check.is_reachable:
                devices.touch(name)
        records = devices.list_devices()  # the checks may have learnt an address
    error = join_errors([(name, check.error) for name, check in checks.items()])
    result = Result(
        document=[
            documents.describe_record(record) | view.describe_check(checks[record.device.name])
            for record in records
            if record.device.name in checks
        ],
        show=partial(_print_checks, checks.values()),
        error=PartialFailure(error.message, hint=error.hint) if error else None,
    )
    end(result, json=json_)


def _print_checks(checks: "Collection[Check]") -> None:
    from v380cli.commands.devices import view

    if checks:
        _console.print_table(view.CHECK_COLUMNS, map(view.format_checked_row, checks))
    else:
        _console.talk(EMPTY)


def show(
    camera: ListedCamera,
    reveal: Annotated[bool, typer.Option("--reveal", help="Show the password too.")] = False,
    json_: _options.JsonOption = False,
) -> None:
    """Show what the list knows of a camera.

    $ v380 devices show porch
    """
    from v380cli.commands.devices import view
    from v380cli.store.database import open_device_list
    from v380cli.work.devices import documents

    with open_device_list(create=False) as devices:
        record = find_one(devices, camera)
        password = devices.read_password(record.device.name) if reveal else Secret()
    revealed = {"password": password.reveal()} if reveal else {}
    if json_:
        document = documents.describe_record(record) | {"has_password": record.has_password}
        _console.print_json(document | revealed)
    else:
        details = view.format_details(record) | revealed
        is_shown = bool if _console.is_terminal() else lambda _value: True
        rows = [(name, value) for name, value in details.items() if is_shown(value)]
        _console.print_table(["field", "value"], rows)


def label(
    camera: ListedCamera,
    output: _options.CodeFileOption = None,
) -> None:
    """Make a label to stick on a camera.

    It has the QR code that the vendor's sticker has, the name and the device id.

    $ v380 devices label porch -o porch.png
    """
    from v380cli.store.database import open_device_list
    from v380cli.work import qr
    from v380cli.work.user_files import write_bytes

    with open_device_list(create=False) as devices:
        device = find_one(devices, camera).device
    if not device.device_id:
        raise typer.BadParameter(
            f"the device id of {device.name!r} is not known; `v380 devices edit` takes it"
        )
    payload, lines = str(device.device_id), [device.name, f"ID {device.device_id}"]
    if output is None:
        _print_label(payload, lines)
    else:
        write_bytes(output, qr.encode_as(output.suffix, payload, lines), private=False)
        _console.talk(f"Wrote {output}.")


def _print_label(payload: str, lines: list[str]) -> None:
    from v380cli.work import qr

    # Not through rich or typer's colours: black on white is part of the code, NO_COLOR or not.
    code = qr.format_terminal(payload, colour=_console.is_terminal())
    sys.stdout.write("\n".join([code, *lines, ""]))
