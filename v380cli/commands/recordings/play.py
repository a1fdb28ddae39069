"""`v380 recordings play`: one recording to a player, a screen, or standard output."""

import contextlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from v380cli.camera.wall_clock import parse_zone
from v380cli.commands import _console, _options
from v380cli.commands._command import CameraCall, camera_command
from v380cli.commands._ending import Result
from v380cli.commands._player import find_player, split_command
from v380cli.commands._signals import stop_on_signals
from v380cli.errors import InvalidInput, MediaError, NetworkError, StorageError

if TYPE_CHECKING:
    from v380cli.camera.recordings import CardReader, CardRecording
    from v380cli.sinks.pipe import PipeSink

CameraAndId = Annotated[
    list[str] | None,
    typer.Argument(
        metavar=_options.Words("CAMERA ID", ()),
        help="The camera, and the id of a recording, from `recordings list`.",
        autocompletion=_options.complete_camera,
    ),
]


@camera_command(CameraAndId, json=False)
def play(
    call: CameraCall,
    seek: Annotated[
        float | None, _options.time_option("Begin so far into it, at a keyframe: 90, 1m30s.")
    ] = None,
    output: Annotated[
        str,
        typer.Option("--output", "-o", metavar="-", help="- for MPEG-TS on standard output."),
    ] = "",
    player: Annotated[
        str, typer.Option(metavar="CMD", help="What reads MPEG-TS; else mpv, ffplay or vlc.")
    ] = "",
    view: Annotated[
        bool,
        typer.Option("--view", help="Show it as `v380 view` does: with jumps, without sound."),
    ] = False,
    terminal: Annotated[
        bool, typer.Option("--terminal", help="The same in this terminal, over ssh too.")
    ] = False,
    no_audio: Annotated[bool, typer.Option("--no-audio", help="Leave the sound out.")] = False,
    timezone: _options.ZoneOption = "",
) -> Result:
    """Play one recording: in a player, on this screen, or as MPEG-TS on standard output.

    Standard output is taken when it is not a terminal and no player is named. Without a player, or
    with --view, there is a window or a picture in the terminal, with keys to pause and to jump (?
    shows them) and no sound. To keep a recording, download it.

    $ v380 recordings play porch 20261120-080000-1
    $ v380 recordings play porch 20261120-080000-1 --seek 1m30s
    """
    from v380cli.camera.recordings import CardReader
    from v380cli.work.card import selection
    from v380cli.work.targets import reach

    if output not in ("", "-"):
        raise typer.BadParameter("play writes to - only; `v380 recordings download` makes files")
    if not call.words:
        raise typer.BadParameter("say a camera and the id of a recording")
    recording = call.words.pop()
    if not selection.is_id(recording):
        raise typer.BadParameter(f"{recording!r} is not an id; `v380 recordings list` shows them")
    view = view or terminal
    if sum(map(bool, (output, player, view))) > 1:
        raise typer.BadParameter("--player, --view and -o - exclude each other")
    is_watched = _console.is_terminal() and not output
    command = split_command(player) or (find_player() if is_watched and not view else [])
    zone = parse_zone(timezone)
    wanted = selection.Selection(
        zone=zone, since=zone.read_now(), until=zone.read_now(), ids=(recording,)
    )
    reader = CardReader(reach(call.resolve_one()))
    (found,) = selection.find_recordings(reader, wanted)[:1]
    start_s = min(seek or 0.0, found.duration_s)
    if view or (is_watched and not command):
        exit_code = show(reader, found, start_s, wants_terminal=terminal)
    else:
        with open_target(command) as sink:
            exit_code = play_into(sink, reader, found, start_s, audio=not no_audio)
    return Result(exit_code=exit_code)


def show(
    reader: "CardReader",
    recording: "CardRecording",
    seek_s: float,
    *,
    wants_terminal: bool,
) -> int:
    """Show it until its end, or until its person or a signal ends it; the signal's exit code."""
    from v380cli.commands._view_screen import choose_screen, hold_back_talk
    from v380cli.work.viewing.recording import RecordingView

    screen, greeting = choose_screen(reader.device.label, wants_terminal=wants_terminal)
    view = RecordingView(screen, reader, recording, start_s=seek_s, greeting=greeting)
    with hold_back_talk(screen), stop_on_signals(view.stop) as caught:
        view.run()
    for path in view.saved.paths:
        typer.echo(path)
    return caught.exit_code


def play_into(
    sink: "PipeSink",
    reader: "CardReader",
    recording: "CardRecording",
    seek_s: float,
    *,
    audio: bool,
) -> int:
    """Play until the end, the reader's end or a signal, whose exit code is returned."""
    from v380cli.camera.playback import CardPlayback
    from v380cli.camera.remux import RecordingWriter

    is_stopping = threading.Event()
    with CardPlayback.open(reader, recording, seek_s) as playback:
        writer = RecordingWriter(recording, playback.make_clock(), audio=audio)
        writer.open(sink)

        def stop() -> None:
            is_stopping.set()
            playback.interrupt()

        with stop_on_signals(stop) as caught:
            try:
                writer.write(playback.read_frames())
                writer.close()
                if not sink.video_packets:
                    raise MediaError("the recording has no picture that can be played")
            except StorageError:
                if not sink.is_broken:
                    raise
            except NetworkError:
                if not is_stopping.is_set():
                    raise
    return caught.exit_code


@contextlib.contextmanager
def open_target(command: list[str]) -> "Iterator[PipeSink]":
    """Standard output, or the standard input of a player, which ends with us."""
    from v380cli.sinks.pipe import PipeSink

    if not command:
        sys.stdout.flush()
        yield PipeSink(sys.stdout.fileno(), "standard output")
        return
    try:
        process = subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603 - the user's own
    except OSError as error:
        raise InvalidInput(f"cannot run {command[0]}: {error.strerror or error}") from error
    with process:
        assert process.stdin
        try:
            yield PipeSink(process.stdin.fileno(), command[0])
        finally:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
