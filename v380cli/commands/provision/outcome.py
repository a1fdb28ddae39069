"""How an attempt begins and ends: by a signal, with a result, or with what may be the reason."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import typer

from v380cli.camera.provision import Progress
from v380cli.commands import _console
from v380cli.commands._ending import Result, end
from v380cli.commands._signals import stop_on_signals
from v380cli.commands.provision.waiting import Waiting
from v380cli.errors import StorageError, V380Error, describe_error
from v380cli.wire.provisioning import WifiSettings
from v380cli.work.provisioning import Ending, make_document, make_not_seen, save


@contextmanager
def attempt(progress: Progress) -> Iterator[Waiting]:
    """A run that a signal ends; it then says in which state the camera is."""
    waiting = Waiting()
    with stop_on_signals(waiting.request) as caught:
        try:
            yield waiting
        except V380Error as error:
            waiting.clear()
            caught.leave(f"interrupted: {progress.describe()}")
            if progress.is_told or progress.has_new_password:
                error.hint = "; ".join(filter(None, [error.hint, progress.describe()]))
            raise
        finally:
            waiting.clear()


def finish(
    progress: Progress, network: WifiSettings, ending: Ending, waiting: Waiting, *, json_: bool
) -> None:
    """Print the result; CameraNotFound with the likely causes when the camera was not seen."""
    error: V380Error | None = None
    if progress.sighting is None:
        error = make_not_seen(progress, network, ending.method)
    document = make_document(progress, network, ending.method, waiting.elapsed_s)
    result = Result(
        document=document | ({"error": describe_error(error)} if error else {}),
        show=partial(_print_place, progress, network),
        error=error,
    )
    end(result, json=json_)
    if ending.is_saved or ending.name:
        end(Result(error=_save(progress, ending)))


def _print_place(progress: Progress, network: WifiSettings) -> None:
    if progress.sighting:
        beacon = progress.sighting.beacon
        typer.echo(f"{beacon.device_id}\t{beacon.ip}\t{beacon.mac}\t{network.ssid}")


def _save(progress: Progress, ending: Ending) -> StorageError | None:
    try:
        _console.talk(save(progress, ending))
    except StorageError as error:
        return error
    return None
