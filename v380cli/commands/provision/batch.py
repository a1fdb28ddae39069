"""`v380 provision batch`: many cameras, one after the other, to be gone on with at any time."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from v380cli.camera.provision import (
    HOTSPOT_TIMEOUT_S,
    JOIN_TIMEOUT_S,
    Order,
    Progress,
    await_answer,
    provision_ap,
)
from v380cli.commands import _console, _options, _target
from v380cli.commands._boundary import ResultPrinted
from v380cli.commands._signals import stop_on_signals
from v380cli.commands.provision import network, outcome
from v380cli.commands.provision.batch_file import BatchRow, read_batch
from v380cli.commands.provision.options import (
    ForceOption,
    FromSystemOption,
    InterfaceOption,
    JoinOption,
    PskStdinOption,
    SsidOption,
    WifiInterfaceOption,
    check_interfaces,
    parse_timeout,
)
from v380cli.errors import PartialFailure, StorageError, V380Error
from v380cli.models import DEFAULT_USERNAME, Secret
from v380cli.store.batch_state import BatchState, Entry, Status
from v380cli.wire.provisioning import WifiSettings

# A camera that was told its network in an earlier run has joined long since, or never will.
LOOK_FIRST_S = 10.0
OTHERS = 0o077
COLUMNS = ("LINE", "ID", "NAME", "SSID", "STATUS", "IP", "NOTE")


class Task(NamedTuple):
    """A row with the network that it means and what was done with it before."""

    row: BatchRow
    wifi: WifiSettings
    key: str
    before: Entry | None


class Done(NamedTuple):
    """A row after this run."""

    task: Task
    entry: Entry


def batch(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE.csv",
            help="Columns id, hotspot, address, name, ssid, psk, new_password; a camera each row.",
        ),
    ],
    ssid: SsidOption = "",
    psk_stdin: PskStdinOption = False,
    from_system: FromSystemOption = False,
    join: JoinOption = False,
    wifi_interface: WifiInterfaceOption = "",
    interface: InterfaceOption = None,
    username: _options.UsernameOption = "",
    password_stdin: _options.PasswordStdinOption = False,
    timeout: Annotated[
        str, typer.Option(metavar="TIME", help="How long each camera has to join; else 90 s.")
    ] = "",
    hotspot_timeout: Annotated[
        str, typer.Option(metavar="TIME", help="How long to wait for each hotspot; else 2m.")
    ] = "",
    plan: Annotated[bool, typer.Option("--plan", help="Show what would be done.")] = False,
    force: ForceOption = False,
    json_: _options.JsonOption = False,
) -> None:
    """Provision the cameras of a CSV file over their hotspots, one after the other.

    FILE.csv.state says which are done, and a second run goes on with the rest. Rows without an
    SSID mean --ssid, or --from-system. Cameras with a name go into the device list.
    """
    rows = read_batch(file, force=force)
    _warn_readable(file, rows)
    default = None
    if not all(row.wifi for row in rows):
        default = network.read_network(
            ssid, psk_stdin=psk_stdin, from_system=from_system, force=force
        )
    state = BatchState(file)
    tasks = list(_list_tasks(rows, default, state))
    if plan:
        _print_plan(tasks, joins=join, json_=json_)
        return
    template = Order(
        wifi=tasks[0].wifi,
        username=username or DEFAULT_USERNAME,
        password=_target.read_given_password(password_stdin) or Secret(),
        joins_hotspot=join,
        hotspot_psk=network.read_hotspot_psk(),
        wifi_interface=wifi_interface,
        interfaces=check_interfaces(interface),
        hotspot_timeout_s=parse_timeout(hotspot_timeout, HOTSPOT_TIMEOUT_S),
        timeout_s=parse_timeout(timeout, JOIN_TIMEOUT_S),
    )
    done = _run_tasks(tasks, template, state)
    _print_summary(done, json_=json_)
    failed = [entry for entry in done if entry.entry.status is not Status.JOINED]
    if failed:
        raise ResultPrinted(
            PartialFailure(
                f"{len(failed)} of {len(done)} cameras are not in the network",
                hint="run the same command again: it goes on with these",
            )
        )


def _warn_readable(file: Path, rows: list[BatchRow]) -> None:
    has_secrets = any(row.new_password or (row.wifi and row.wifi.psk) for row in rows)
    if has_secrets and file.stat().st_mode & OTHERS:
        _console.talk(f"warning: others can read the secrets in {file}; mend it with: chmod 600")


def _list_tasks(
    rows: list[BatchRow], default: WifiSettings | None, state: BatchState
) -> Iterator[Task]:
    for row in rows:
        wifi = row.wifi or default
        assert wifi, "rows without a network were given the default"
        key = row.make_key(wifi.ssid)
        yield Task(row, wifi, key, state.find(key))


def _run_tasks(tasks: list[Task], template: Order, state: BatchState) -> list[Done]:
    """Do the cameras in their order; a signal between two of them ends it as well."""
    done: list[Done] = []
    with stop_on_signals(lambda: None) as caught:
        for task in tasks:
            if caught.exit_code:
                _console.talk("interrupted between two cameras; the same command goes on")
                raise typer.Exit(caught.exit_code)
            done.append(_run_task(task, template, state))
    return done


def _run_task(task: Task, template: Order, state: BatchState) -> Done:
    """Do one camera; its state is on the disk before the next one begins, or a signal ends us."""
    if task.before and task.before.status is Status.JOINED:
        return Done(task, task.before)
    progress = Progress(device_id=task.row.device_id)
    failure = ""
    try:
        with outcome.attempt(progress) as waiting:
            waiting.say(f"line {task.row.line}: {task.row.label}")
            _provision(task, template, progress, waiting)
    except V380Error as error:
        failure = error.message
        _console.talk(f"line {task.row.line}: {failure}")
    finally:
        entry = _make_entry(progress, failure)
        if entry:
            state.note(task.key, entry)
    assert entry, "only a signal leaves none"
    if progress.sighting and task.row.name:
        _save(task.row, progress, template)
    return Done(task, entry)


def _save(row: BatchRow, progress: Progress, template: Order) -> None:
    """Put it into the device list; a list that refuses does not hold up the other cameras."""
    try:
        outcome.save(progress, _make_ending(row, template))
    except StorageError as error:
        _console.talk(f"warning: {row.label} is not saved: {error.message}")


def _provision(task: Task, template: Order, progress: Progress, waiting: outcome.Waiting) -> None:
    row = task.row
    if task.before and task.before.status is Status.TOLD:
        progress.device_id = task.before.device_id
        await_answer(
            progress,
            config_id=0,
            interfaces=template.interfaces,
            timeout_s=min(LOOK_FIRST_S, template.timeout_s),
            interrupt=waiting,
            say=waiting.say,
        )
        if progress.sighting:
            return
    order = replace(
        template,
        wifi=task.wifi,
        device_id=row.device_id,
        host=row.host,
        port=row.port,
        joins_hotspot=template.joins_hotspot and not row.host,
        hotspot_ssid=row.hotspot,
        new_password=row.new_password or None,
    )
    provision_ap(order, progress, waiting, waiting.say)


def _make_entry(progress: Progress, failure: str) -> Entry | None:
    """What to keep of a camera; None when nothing was done with it."""
    if progress.sighting:
        beacon = progress.sighting.beacon
        return Entry(status=Status.JOINED, device_id=beacon.device_id, ip=beacon.ip)
    if progress.is_told:
        message = failure or "told its network, not seen there yet"
        return Entry(status=Status.TOLD, device_id=progress.device_id, message=message)
    if failure:
        return Entry(status=Status.FAILED, device_id=progress.device_id, message=failure)
    return None


def _make_ending(row: BatchRow, template: Order) -> outcome.Ending:
    return outcome.Ending(
        method="ap",
        is_saved=True,
        name=row.name,
        username=template.username,
        password=row.new_password or template.password,
    )


def _print_plan(tasks: list[Task], *, joins: bool, json_: bool) -> None:
    rows = [_make_row(task, task.before, _plan_step(task, joins)) for task in tasks]
    _print_rows(rows, json_=json_)


def _plan_step(task: Task, joins: bool) -> str:
    if task.before and task.before.status is Status.JOINED:
        return "nothing, it is done"
    look = "look for it in the network, else " if task.before else ""
    hotspot = task.row.hotspot or f"MV{task.row.device_id}"
    way = f"ask {task.row.host}" if task.row.host else f"wait for {hotspot}"
    way = f"join {hotspot}" if joins and not task.row.host else way
    password = ", set its password" if task.row.new_password else ""
    return f"{look}{way}, tell it {task.wifi.ssid!r}{password}"


def _print_summary(done: list[Done], *, json_: bool) -> None:
    rows = [_make_row(entry.task, entry.entry, entry.entry.message) for entry in done]
    _print_rows(rows, json_=json_)


def _make_row(task: Task, entry: Entry | None, note: str) -> dict[str, Any]:
    return {
        "line": task.row.line,
        "id": task.row.device_id or (entry.device_id if entry else 0) or None,
        "name": task.row.name,
        "ssid": task.wifi.ssid,
        "status": str(entry.status) if entry else "",
        "ip": entry.ip if entry else "",
        "note": note,
    }


def _print_rows(rows: list[dict[str, Any]], *, json_: bool) -> None:
    if json_:
        _console.print_json(rows)
    else:
        cells = [["" if cell is None else cell for cell in row.values()] for row in rows]
        _console.print_table(COLUMNS, cells)
