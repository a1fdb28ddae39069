"""`v380 talk`: a sound, a text or a voice out of a camera's loudspeaker."""

import time
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from v380cli.commands import _console, _options, _sound
from v380cli.commands._command import CameraCall, camera_command
from v380cli.commands._ending import Result
from v380cli.commands._signals import stop_on_signals
from v380cli.errors import NetworkError
from v380cli.text import format_clock

if TYPE_CHECKING:
    from v380cli.camera.talk import Talker

DEFAULT_LIMIT = "5m"  # a sound that nobody ends would go on in somebody's house
CODEC = "ima_adpcm"
PROGRESS_COLUMNS = ("camera", "said", "of", "late")
RESULT_COLUMNS = ("camera", "seconds", "late blocks", "encrypted")
PROGRESS_S = 0.25


@camera_command(_options.CameraArgument)
def talk(
    call: CameraCall,
    file: Annotated[
        str | None,
        typer.Argument(metavar="[FILE]", help="A sound in any format; - for standard input."),
    ] = None,
    say: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Say a text, by espeak-ng; - for standard input."),
    ] = None,
    voice: Annotated[
        str, typer.Option(metavar="NAME", help="Who says it: de, en-us, fr, ...")
    ] = "",
    microphone: Annotated[
        bool, typer.Option("--microphone", help="Say what the microphone hears, until Ctrl-C.")
    ] = False,
    volume: Annotated[
        float, typer.Option(min=-60, max=40, metavar="DB", help="Louder, or softer if negative.")
    ] = 0.0,
    rate: Annotated[
        int, typer.Option(min=1000, max=192_000, metavar="HZ", help="Of raw PCM on a pipe.")
    ] = 8000,
    channels: Annotated[
        int, typer.Option(min=1, max=8, metavar="N", help="Of raw PCM on a pipe.")
    ] = 1,
    limit: Annotated[
        str, typer.Option(metavar="TIME", help="End after this time at the latest.")
    ] = DEFAULT_LIMIT,
    force: Annotated[
        bool, typer.Option("--force", help="Talk to a camera that says it cannot listen.")
    ] = False,
) -> Result:
    """Say something through a camera's loudspeaker: a file, a text, or your own voice.

    The camera hears it in real time, as 8 kHz mono. Standard input is WAV or another known
    format, else raw PCM (s16le, 8 kHz mono unless told).

    $ v380 talk porch hello.wav
    $ v380 talk porch --say 'Who is there?'
    """
    if call.named and file is None:
        file, call.words = next(iter(call.words), None), []
    choice = _sound.SoundChoice(
        file=file,
        text=say,
        microphone=microphone,
        voice=voice,
        volume_db=volume,
        sample_rate=rate,
        channels=channels,
        password_stdin=call.login.password_stdin,
    )
    choice.check()
    limit_s = _options.parse_duration(limit)
    return run_talk(call, choice, limit_s=limit_s, force=force)


def run_talk(
    call: CameraCall, choice: _sound.SoundChoice, *, limit_s: float, force: bool
) -> Result:
    """Talk to the end, to the limit or to a signal, and print what was said."""
    from v380cli.camera.talk import Talker
    from v380cli.sources.pump import SoundPump
    from v380cli.work.targets import reach

    access = reach(call.resolve_one())
    talker = Talker(access, limit_s=limit_s, force=force)
    with SoundPump(_sound.open_source(choice)) as pump:

        def stop() -> None:
            access.interrupt.request()
            pump.interrupt()

        progress = Progress(talker, pump.duration_s, is_silent=call.json)
        with stop_on_signals(stop) as caught, progress:
            try:
                talker.run(pump, progress.tick)
            except NetworkError:
                if not caught.exit_code:
                    raise
    if talker.is_cut_off and not caught.exit_code:
        _console.talk(f"ended at the limit of {format_clock(limit_s)}; --limit allows more")
    return Result(
        document=make_document(talker),
        show=partial(print_result, talker),
        exit_code=caught.exit_code,
    )


def print_result(talker: "Talker") -> None:
    """What was said, on stdout; a person is told on stderr when that is nothing."""
    if not talker.blocks:
        _console.talk("interrupted before anything was said")
        return
    encrypts, seconds = "yes" if talker.encrypts else "no", round(talker.said_s, 3)
    row = (talker.device.label, seconds, talker.late_blocks, encrypts)
    _console.print_table(RESULT_COLUMNS, [row])


def make_document(talker: "Talker") -> dict[str, Any]:
    """The result for `--json`."""
    return {
        "device": talker.device.label,
        "seconds": round(talker.said_s, 3),
        "blocks": talker.blocks,
        "late_blocks": talker.late_blocks,
        "codec": CODEC,
        "encrypted": talker.encrypts,
        "form": talker.form,
        "cut_off": talker.is_cut_off,
    }


class Progress(_console.LiveTable):
    """A line on stderr while somebody looks at it."""

    def __init__(self, talker: "Talker", duration_s: float | None, *, is_silent: bool) -> None:
        super().__init__(PROGRESS_COLUMNS, is_wanted=not is_silent)
        self._talker = talker
        self._length = format_clock(duration_s) if duration_s else ""
        self._shown_s = 0.0

    def tick(self) -> None:
        """A block has left."""
        now_s = time.monotonic()
        if now_s - self._shown_s < PROGRESS_S:
            return
        self._shown_s = now_s
        said, late = format_clock(self._talker.said_s), f"{self._talker.late_blocks} blocks"
        self.update([(self._talker.device.label, said, self._length, late)])
