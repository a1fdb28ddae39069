"""`v380 provision batch`: many cameras, one after the other, to be gone on with at any time."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from v380cli.commands import _console, _options, _passwords
from v380cli.commands._ending import Result, end
from v380cli.commands._signals import stop_on_signals
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
from v380cli.errors import V380Error
from v380cli.models import DEFAULT_USERNAME

if TYPE_CHECKING:
    from v380cli.camera.provision import Order
    from v380cli.store.batch_state import BatchState
    from v380cli.work.batch import Done, Task
    from v380cli.work.batch_file import BatchRow

OTHERS = 0o077
COLUMNS = ("line", "id", "name", "ssid", "status", "ip", "note")


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
    plan: Annotated[
        bool, typer.Option("--plan", "--dry-run", help="Show what would be done.")
    ] = False,
    force: ForceOption = False,
    json_: _options.JsonOption = False,
) -> None:
    """Provision the cameras of a CSV file over their hotspots, one after the other.

    FILE.csv.state says which are done, and a second run goes on with the rest. Rows without an
    SSID mean --ssid, or --from-system. Cameras with a name go into the device list.

    $ v380 provision batch cameras.csv --join --plan
    $ v380 provision batch cameras.csv --join
    """
    from v380cli.camera.provision import HOTSPOT_TIMEOUT_S, JOIN_TIMEOUT_S, Order
    from v380cli.commands.provision import network
    from v380cli.store.batch_state import BatchState
    from v380cli.work.batch import list_tasks, make_row, plan_step
    from v380cli.work.batch_file import read_batch

    wanted = read_batch(file, partial(network.check_network, force=force))
    _warn_readable(file, wanted)
    default = None
    if not all(row.wifi for row in wanted):
        default = network.read_network(
            ssid, psk_stdin=psk_stdin, from_system=from_system, force=force
        )
    state = BatchState(file)
    tasks = list(list_tasks(wanted, default, state))
    if plan:
        steps = [make_row(task, task.before, plan_step(task, joins=join)) for task in tasks]
        end(Result(document=steps, show=partial(_print_rows, steps)), json=json_)
        return
    template = Order(
        wifi=tasks[0].wifi,
        username=username or DEFAULT_USERNAME,
        password=_passwords.read_given_password(password_stdin),
        joins_hotspot=join,
        hotspot_psk=network.read_hotspot_psk(),
        wifi_interface=wifi_interface,
        interfaces=check_interfaces(interface),
        hotspot_timeout_s=parse_timeout(hotspot_timeout, HOTSPOT_TIMEOUT_S),
        timeout_s=parse_timeout(timeout, JOIN_TIMEOUT_S),
    )
    done = _run_tasks(tasks, template, state)
    rows = [make_row(entry.task, entry.entry, entry.entry.message) for entry in done]
    end(Result(document=rows, show=partial(_print_rows, rows), error=_find_error(done)), json=json_)


def _find_error(done: "Sequence[Done]") -> V380Error | None:
    from v380cli.work.outcome import join_errors

    error = join_errors([(f"line {each.task.row.line}", each.error) for each in done])
    if error:
        failed = sum(each.error is not None for each in done)
        verb = "is" if failed == 1 else "are"
        error.message = f"{failed} of {len(done)} cameras {verb} not in the network"
        error.hint = "run the same command again: it goes on with these"
    return error


def _warn_readable(file: Path, rows: "list[BatchRow]") -> None:
    has_secrets = any(row.new_password or (row.wifi and row.wifi.psk) for row in rows)
    if has_secrets and file.stat().st_mode & OTHERS:
        _console.say(f"warning: others can read the secrets in {file}; mend it with: chmod 600")


def _run_tasks(tasks: "list[Task]", template: "Order", state: "BatchState") -> "list[Done]":
    """Do the cameras in their order; a signal between two of them ends it as well."""
    from v380cli.commands.provision import outcome
    from v380cli.work.batch import run_task

    done: list[Done] = []
    with stop_on_signals(lambda: None) as caught:
        for task in tasks:
            caught.leave("interrupted between two cameras; the same command goes on")
            done.append(run_task(task, template, state, outcome.attempt, _console.talk))
    return done


def _print_rows(rows: list[dict[str, Any]]) -> None:
    cells = [["" if row[name] is None else row[name] for name in COLUMNS] for row in rows]
    _console.print_table(COLUMNS, cells)
