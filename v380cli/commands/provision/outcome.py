"""How an attempt is shown while it runs, and what is made of its end."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import typer

from v380cli.camera.provision import Progress
from v380cli.commands import _console
from v380cli.commands._ending import Result, end
from v380cli.commands._signals import stop_on_signals
from v380cli.errors import StorageError, V380Error, describe_error
from v380cli.wire.provisioning import WifiSettings
from v380cli.work.provisioning import Ending, Teller, make_document, make_not_seen, save

CLEAR_LINE = "\r\x1b[K"


class Waiting(Teller):
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
