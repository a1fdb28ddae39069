"""One recorder to its end: signals, and controls of other commands."""

from collections.abc import Callable

from v380cli.camera.fleet import Fleet
from v380cli.camera.recorder import Recorder
from v380cli.camera.recording import Recording
from v380cli.commands._signals import stop_on_signals, tell_how_to_stop
from v380cli.work.sharing import offer_controls


def do_nothing() -> None:
    """Stands for a callback that nobody needs."""


def run_recorder(
    recorder: Recorder,
    on_tick: Callable[[], None] | None = None,
    *,
    interrupt: Callable[[], None] = do_nothing,
) -> tuple[Recording, int]:
    """Run until the end or a signal; `on_tick` is called twice a second, if given.

    `interrupt` is called by a signal and frees a sink that waits. Returns how it went, and the
    exit code of the signal, 0 if none came.
    """
    fleet = Fleet([recorder])

    def stop() -> None:
        fleet.stop()
        interrupt()

    if recorder.options.duration_s == float("inf"):
        tell_how_to_stop()
    with stop_on_signals(stop) as caught, offer_controls(recorder):
        (recording,) = fleet.run(on_tick)
    return recording, caught.exit_code
