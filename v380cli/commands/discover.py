"""`v380 discover`: every camera on every interface."""

import shlex
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from v380cli.camera import discover as survey
from v380cli.commands import _console, _options
from v380cli.commands._ending import Result, end
from v380cli.commands._signals import stop_on_signals, tell_how_to_stop
from v380cli.errors import CameraNotFound
from v380cli.net.interfaces import list_interfaces
from v380cli.text import quote_names
from v380cli.work.identity import parse_address, parse_device_id

if TYPE_CHECKING:
    from v380cli.commands._sightings import View


def discover(
    timeout: Annotated[
        str,
        typer.Option(metavar="TIME", help="How long; else under 2 s, or until Ctrl-C in a watch."),
    ] = "",
    interface: Annotated[
        list[str] | None,
        typer.Option(
            metavar="IF",
            envvar="V380_INTERFACE",
            help="This network interface, and no other; repeatable.",
        ),
    ] = None,
    address: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST[:PORT]",
            help="Ask this host, in another VLAN perhaps, and without --interface no one else; "
            "repeatable.",
        ),
    ] = None,
    device_id: Annotated[
        list[str] | None,
        typer.Option("--id", metavar="N", help="Only this camera; stop when found; repeatable."),
    ] = None,
    count: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Stop after so many cameras.")
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Keep on; tell who comes, goes or moves.")
    ] = False,
    listen: Annotated[
        bool, typer.Option("--listen", help="Send nothing, only listen; until Ctrl-C.")
    ] = False,
    hotspot: Annotated[
        bool, typer.Option("--hotspot", help="Also ask a camera whose own Wi-Fi we are in.")
    ] = False,
    all_devices: Annotated[
        bool, typer.Option("--all", help="Also ONVIF devices that are no V380 cameras.")
    ] = False,
    save: Annotated[
        bool, typer.Option("--save", help="Add the cameras that are found to the device list.")
    ] = False,
    json_: _options.JsonOption = False,
    jsonl: _options.JsonlOption = False,
) -> None:
    """Find cameras on every network interface.

    Cameras of the device list are shown by name. Where one has moved to, the list learns when the
    camera has let us in there.

    $ v380 discover
    $ v380 discover --save
    $ v380 discover --address 192.168.20.7 --json
    """
    from v380cli.commands._sightings import choose_view
    from v380cli.work.sightings import KnownCameras

    if listen and (address or hotspot):
        raise typer.BadParameter("--listen sends nothing: it does not go with --address, --hotspot")
    options = survey.DiscoverOptions(
        timeout_s=_choose_timeout(timeout, endless=watch or listen),
        interfaces=_check_interfaces(interface or [], has_targets=bool(address)),
        targets=tuple(_parse_target(text) for text in address or ()),
        device_ids=frozenset(map(parse_device_id, device_id or ())),
        count=count or 0,
        watch=watch,
        passive=listen,
        hotspot=hotspot,
        strangers=all_devices,
    )
    known = KnownCameras()
    view = choose_view(known, json_=json_, jsonl=jsonl, watch=watch or listen)
    if options.timeout_s is None:
        tell_how_to_stop()
    with stop_on_signals(lambda: None) as caught, view:
        result = survey.discover(options, on_change=view.tell, stop=lambda: caught.exit_code != 0)
        by_tcp = [] if caught.exit_code else _find_by_tcp(options, result, view)
    heard = result.sightings[: count or None]  # several may have answered at once
    saved = known.learn(heard, save=save)
    result = replace(result, sightings=(*heard, *by_tcp))
    error = None if caught.exit_code else _find_error(options, result)
    is_empty = not result.sightings
    if not (error and is_empty):
        view.finish(result.sightings)
    if save and heard:
        _tell_saved(saved)
    for warning in (*result.warnings, *filter(None, [known.warning])):
        _console.say(f"warning: {warning}")
    end(Result(error=error, is_empty=is_empty, exit_code=caught.exit_code))


def _tell_saved(names: Sequence[str]) -> None:
    if not names:
        _console.talk("Nothing was saved: no camera is new.")
        return
    _console.talk(f"Saved {quote_names(names)}, without a password.")
    _console.talk(
        f"Where a camera has one: v380 devices edit {shlex.quote(names[0])} --new-password"
    )


def _choose_timeout(text: str, *, endless: bool) -> float | None:
    if text:
        return _options.parse_duration(text)
    return None if endless else survey.DEFAULT_TIMEOUT_S


def _check_interfaces(names: Sequence[str], *, has_targets: bool) -> tuple[str, ...] | None:
    """The interfaces to ask on: None for all, and none of them where hosts are named instead."""
    present = dict.fromkeys(entry.name for entry in list_interfaces()) if names else {}
    for name in names:
        if name not in present:
            there = ", ".join(present)
            raise typer.BadParameter(
                f"no interface {name!r} has an IPv4 address; there is: {there}"
            )
    return tuple(names) if names or has_targets else None


def _parse_target(text: str) -> survey.Target:
    host, port = parse_address(text)
    return survey.Target(host, port or 0)


def _find_by_tcp(
    options: survey.DiscoverOptions, result: survey.DiscoverResult, view: "View"
) -> list[survey.Sighting]:
    """Cameras at the addresses asked for that did not answer discovery, told to the view."""
    from v380cli.camera.fingerprint import find_by_tcp

    is_enough = options.device_ids or 0 < options.count <= len(result.sightings)
    if not options.targets or options.watch or is_enough:
        return []
    found = find_by_tcp(options.targets, result.sightings)
    for row in found:
        view.tell(survey.Change(kind=survey.ChangeKind.ARRIVED, sighting=row))
    return found


def _find_error(
    options: survey.DiscoverOptions, result: survey.DiscoverResult
) -> CameraNotFound | None:
    """Nobody answered, or not everyone who was asked for by id."""
    seen = {row.beacon.device_id for row in result.sightings}
    missing = sorted(options.device_ids - seen)
    if result.sightings and not missing:
        return None
    names = ", ".join(f"camera {device_id}" for device_id in missing) or "no camera"
    places = ", ".join([*result.interfaces_tried, *(target.host for target in options.targets)])
    return CameraNotFound(
        f"{names} {'did not answer' if missing else 'answered'}",
        hint=f"tried: {places or 'no interface is up'}; what usually hinders: a guest Wi-Fi that "
        "keeps devices apart, a camera in another VLAN (try --address), a firewall on UDP "
        f"{options.ports.reply}",
    )
