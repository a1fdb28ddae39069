"""`v380 events`: what `v380 watch` has seen."""

import datetime as dt
import subprocess
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from v380cli.commands import _console, _options
from v380cli.errors import InvalidInput, StorageError
from v380cli.store.events import StoredEvent, open_events
from v380cli.text import format_clock

PLAY = "play"
COLUMNS = ("n", "time", "camera", "event", "duration", "area", "clip")
HOURS = range(24)
SHADES = "▁▂▃▄▅▆▇█"
EMPTY = "·"
HOURS_TITLE = "0  3  6  9  12 15 18 21 "


def events(
    cameras: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CAMERA]... | play N",
            help="Names, ids or groups of the list; none is all. `play N` opens a clip.",
            autocompletion=_options.complete_target,
        ),
    ] = None,
    device: _options.DeviceOption = None,
    since: Annotated[
        str, typer.Option(metavar="TIME", help="From then on: 2h, today, 2026-11-23, ... 20:15.")
    ] = "",
    player: Annotated[
        str, typer.Option(metavar="CMD", help="What plays a file; else mpv, ffplay or vlc.")
    ] = "",
    json_: _options.JsonOption = False,
) -> None:
    """Show what `v380 watch` has seen, the latest last.

    `v380 events play N` plays the clip of event N; without a player it says where it is.

    $ v380 events --since today
    $ v380 events play 3
    """
    words = cameras or []
    if words[:1] == [PLAY] and len(words) == 2 and words[1].isdecimal():
        play(int(words[1]), player)
        return
    found = find_events([*words, *(device or [])], since)
    if json_:
        _console.print_json([describe(event) for event in found])
        return
    if not found:
        _console.talk("nothing was seen; `v380 watch` looks")
        return
    if _console.is_terminal():
        _console.print_table(("day", HOURS_TITLE), draw_days(found))
    _console.print_table(COLUMNS, [_format_row(event) for event in found])


def find_events(targets: Sequence[str], since: str) -> list[StoredEvent]:
    """The events of these cameras, or of all, from then on."""
    from v380cli.work.card.selection import parse_moment

    now = dt.datetime.now()
    begin = parse_moment(since, now).astimezone() if since else None
    wanted = _find_cameras(targets) if targets else None
    with open_events(create=False) as catalogue:
        return catalogue.list_events(wanted, begin)


def _find_cameras(targets: Sequence[str]) -> list[int | str]:
    """Cameras of the list by id, or by name if they have none; an id need not be in the list."""
    from v380cli.store.database import open_device_list
    from v380cli.work.identity import parse_identity
    from v380cli.work.targets import find_listed, find_named

    found: list[int | str] = []
    with open_device_list(create=False) as devices:
        for target in targets:
            identity = parse_identity(target)
            if identity and identity.device_id and not find_listed(devices, target):
                found.append(identity.device_id)
            else:
                cameras = [record.device for record in find_named(devices, [target])]
                found += [camera.device_id or camera.label for camera in cameras]
    return found


def play(number: int, player: str) -> None:
    """Play the clip of an event, or say where it is."""
    from v380cli.commands._player import find_player, split_command

    with open_events(create=False) as catalogue:
        event = catalogue.find(number)
    if event is None:
        raise InvalidInput(f"there is no event {number}", hint="`v380 events` shows them")
    if event.clip is None:
        raise InvalidInput(
            f"event {number} has no clip", hint="`v380 watch --record DIR` keeps them"
        )
    if not event.clip.exists():
        raise StorageError(f"{event.clip} is not there any more")
    command = split_command(player) or find_player()[:-1]  # without its "-", for standard input
    if not command:
        typer.echo(event.clip)
        return
    try:
        subprocess.run([*command, str(event.clip)], check=False)  # noqa: S603 - the user's own
    except OSError as error:
        raise InvalidInput(f"cannot run {command[0]}: {error.strerror}") from error


def describe(event: StoredEvent) -> dict[str, Any]:
    """The object of `events --json`."""
    return {
        "n": event.number,
        "event": event.kind,
        "device": event.device,
        "id": event.device_id,
        "source": event.source,
        "start": event.start,
        "duration_s": event.duration_s,
        "score": event.score,
        "area": event.area,
        "clip": event.clip,
        "snapshot": event.snapshot,
        "reason": event.reason,
    }


def draw_days(found: Sequence[StoredEvent]) -> list[tuple[str, str]]:
    """A row for each day with a cell for each hour, the fuller the more happened in it."""
    counts = Counter((event.start.date(), event.start.hour) for event in found)
    most = max(counts.values())
    days = sorted({day for day, _ in counts})
    return [
        (f"{day:%a %Y-%m-%d}", "".join(_shade(counts[day, hour], most) for hour in HOURS))
        for day in days
    ]


def _shade(count: int, most: int) -> str:
    return SHADES[(count * len(SHADES) - 1) // most] if count else EMPTY


def _format_row(event: StoredEvent) -> tuple[object, ...]:
    return (
        event.number,
        f"{event.start:%Y-%m-%d %H:%M:%S}",
        event.device,
        event.kind,
        "" if event.duration_s is None else format_clock(event.duration_s),
        f"{event.area:.1%}" if event.area else "",
        _console.shorten_path(event.clip) if event.clip else event.reason,
    )
