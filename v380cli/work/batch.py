"""Many cameras provisioned, one after the other, to be gone on with at any time."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, NamedTuple

from v380cli.camera.provision import Order, Progress, await_answer, provision_ap
from v380cli.errors import CameraNotFound, StorageError, V380Error
from v380cli.store.batch_state import BatchState, Entry, Status
from v380cli.wire.provisioning import WifiSettings
from v380cli.work.batch_file import BatchRow
from v380cli.work.provisioning import Ending, Teller, save

# A camera that was told its network in an earlier run has joined long since, or never will.
LOOK_FIRST_S = 10.0


Attempt = Callable[[Progress], AbstractContextManager[Teller]]


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
    error: V380Error | None = None


def list_tasks(
    rows: list[BatchRow], default: WifiSettings | None, state: BatchState
) -> Iterator[Task]:
    """A task for each row; those without a network are to have the default."""
    for row in rows:
        wifi = row.wifi or default
        assert wifi, "rows without a network were given the default"
        key = row.make_key(wifi.ssid)
        yield Task(row, wifi, key, state.find(key))


def run_task(
    task: Task, template: Order, state: BatchState, attempt: Attempt, tell: Callable[[str], None]
) -> Done:
    """Do one camera; its state is on the disk before the next one begins, or a signal ends us."""
    if task.before and task.before.status is Status.JOINED:
        return Done(task, task.before)
    progress = Progress(device_id=task.row.device_id)
    failure: V380Error | None = None
    began_s = time.monotonic()
    try:
        with attempt(progress) as waiting:
            waiting.say(f"line {task.row.line}: {task.row.label}")
            _provision(task, template, progress, waiting)
    except V380Error as error:
        failure = error
        tell(f"line {task.row.line}: {error.message}")
    finally:
        entry = _make_entry(progress, failure.message if failure else "")
        if entry:
            entry = replace(entry, seconds=round(time.monotonic() - began_s, 1))
            state.note(task.key, entry)
    assert entry, "only a signal leaves none"
    if progress.sighting and task.row.name:
        tell(_save(task.row, progress, template))
    if failure is None and progress.sighting is None:
        failure = CameraNotFound(entry.message)
    return Done(task, entry, failure)


def _save(row: BatchRow, progress: Progress, template: Order) -> str:
    """Put it into the device list; a list that refuses does not hold up the other cameras."""
    try:
        return save(progress, _make_ending(row, template))
    except StorageError as error:
        return f"warning: {row.label} is not saved: {error.message}"


def _provision(task: Task, template: Order, progress: Progress, waiting: Teller) -> None:
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
        return Entry(status=Status.JOINED, device_id=beacon.device_id, ip=beacon.ip, mac=beacon.mac)
    if progress.is_told:
        message = failure or "told its network, not seen there yet"
        return Entry(status=Status.TOLD, device_id=progress.device_id, message=message)
    if failure:
        return Entry(status=Status.FAILED, device_id=progress.device_id, message=failure)
    return None


def _make_ending(row: BatchRow, template: Order) -> Ending:
    return Ending(
        method="ap",
        is_saved=True,
        name=row.name,
        username=template.username,
        password=row.new_password or template.password,
    )


def plan_step(task: Task, *, joins: bool) -> str:
    """What is to be done with a camera, in words."""
    if task.before and task.before.status is Status.JOINED:
        return "nothing, it is done"
    look = "look for it in the network, else " if task.before else ""
    hotspot = task.row.hotspot or f"MV{task.row.device_id}"
    way = f"ask {task.row.host}" if task.row.host else f"wait for {hotspot}"
    way = f"join {hotspot}" if joins and not task.row.host else way
    password = ", set its password" if task.row.new_password else ""
    return f"{look}{way}, tell it {task.wifi.ssid!r}{password}"


def make_row(task: Task, entry: Entry | None, note: str) -> dict[str, Any]:
    """The object of `provision batch --json`."""
    return {
        "line": task.row.line,
        "id": task.row.device_id or (entry.device_id if entry else 0) or None,
        "name": task.row.name,
        "ssid": task.wifi.ssid,
        "status": str(entry.status) if entry else "",
        "ip": entry.ip if entry else "",
        "mac": entry.mac if entry else "",
        "method": "ap",
        "joined": bool(entry and entry.status is Status.JOINED),
        "seconds": entry.seconds if entry else 0.0,
        "note": note,
    }
