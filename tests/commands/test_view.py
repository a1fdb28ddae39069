"""`v380 view` on a terminal, as a person meets it; and in a window, where there is an X server."""

import contextlib
import json
import os
import shlex
import shutil
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.commands.conftest import Done
from tests.commands.recording_lab import (
    PASSWORD,
    SMALL,
    add_to_list,
    address_args,
    make_device,
    open_camera,
    open_cameras,
    start_v380,
)
from tests.media_server import find_free_port
from tests.readback import count_pictures
from tests.rtsp_camera import RtspCamera, make_footage
from tests.virtual_terminal import (
    ALTERNATE_SCREEN,
    CURSOR,
    TIMEOUT_S,
    WRAPPING,
    TerminalRun,
    start_on_terminal,
)
from tests.warm import COLD_V380
from v380cli.models import Device, Secret, Via
from v380cli.simulator.camera import Pace
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.simulator.onvif import OnvifDesk, OnvifServer
from v380cli.simulator.picture import BAR_LEVEL, BARS
from v380cli.sinks.pictures import PictureDecoder
from v380cli.sinks.screen.cells import GREY_RAMP, HalfBlocks, fit_picture, scale_picture
from v380cli.wire.abilities import Abilities
from v380cli.wire.commands import VIDEO_TYPES
from v380cli.wire.control import (
    PTZ_STOP,
    ColorControl,
    ColorSwitch,
    LightControl,
    LightSwitch,
    Pan,
    PtzControl,
    Tilt,
    ZoomControl,
    ZoomDirection,
)
from v380cli.wire.login import LoginReply, LoginRequest

COLUMNS, LINES = SIZE = (80, 24)
SCREEN_SIZE = (640, 480)
PAINT_TIMEOUT_S = 20.0


@pytest.fixture
def camera() -> Iterator[SimulatedCamera]:
    with open_camera(pace=Pace.CAMERA) as camera:
        yield camera


@contextlib.contextmanager
def open_view(
    data_dir: Path, camera: SimulatedCamera, *args: str, **options: Any
) -> Iterator[TerminalRun]:
    """`v380 view` that shows the camera's picture."""
    options["env"] = {"V380_PASSWORD": PASSWORD, **options.get("env", {})}
    with start_on_terminal(data_dir, "view", *address_args(camera), *args, **options) as view:
        view.wait_for(lambda: "live" in view.terminal.read_line(LINES - 1))
        yield view


def list_pictures(camera: SimulatedCamera) -> Iterator[NDArray[np.uint8]]:
    """What it has sent, as a terminal should show it."""
    columns, rows = fit_picture(SMALL.width, SMALL.height, COLUMNS, LINES - 1, HalfBlocks())
    decoder = PictureDecoder(camera.spec.codec)
    for frame in list(camera.sent_access_units[0]):
        if frame.frame_type in VIDEO_TYPES:
            for picture in decoder.decode(frame.payload):
                yield scale_picture(picture, columns, rows, HalfBlocks())


def test_the_picture_is_that_of_the_camera(data_dir: Path, camera: SimulatedCamera) -> None:
    with open_view(data_dir, camera) as view:
        view.wait_for(lambda: view.terminal.frames > 10 and view.terminal.is_between_frames)
        shown = view.terminal.draw()[: 2 * (LINES - 1)]
        sent = list(list_pictures(camera))
        assert view.terminal.unknown == set()
    height, width, _ = sent[0].shape
    left = (COLUMNS - width) // 2
    picture = shown[:height, left : left + width].astype(int)
    errors = [np.abs(picture - source).mean() for source in sent]
    assert min(errors) < HalfBlocks.TOLERANCE / 2
    assert max(errors) > 2 * min(errors)  # it does move
    assert shown[:, :left].max() == 0
    assert PASSWORD not in view.written


def test_keys_reach_the_camera(data_dir: Path, camera: SimulatedCamera) -> None:
    obeyed = camera.controls.obeyed
    with open_view(data_dir, camera) as view:
        view.type("h")
        view.wait_for_text("sent: turn left")
        for keys, count in ((" ", 2), ("i", 3), ("+", 4), ("c", 5), ("i", 6)):
            view.type(keys)
            view.wait_for(lambda count=count: len(obeyed) == count)  # type: ignore[misc]
        view.wait_for_text("sent: light off")
        view.type("\x1b[A")
        view.wait_for_text("sent: turn up")
        view.wait_for(lambda: len(obeyed) == 7)
    assert list(obeyed) == [
        PtzControl(pan=Pan.LEFT, step=1),
        PTZ_STOP,
        LightControl(switch=LightSwitch.ON),
        ZoomControl(direction=ZoomDirection.IN),
        ColorControl(switch=ColorSwitch.BLACK_AND_WHITE),
        LightControl(switch=LightSwitch.OFF),
        PtzControl(tilt=Tilt.UP, step=1),
    ]


def test_what_the_camera_lacks_is_told_and_not_sent(data_dir: Path) -> None:
    with (
        open_camera(pace=Pace.CAMERA, abilities=Abilities(audio=1, light=1)) as camera,
        open_view(data_dir, camera) as view,
    ):
        view.type("l")
        view.wait_for_text("turn right: the camera says that it has no PTZ")
        view.type("i")
        view.wait_for_text("sent: light on")
        view.wait_for(lambda: len(camera.controls.obeyed) == 1)
    assert isinstance(camera.controls.obeyed[0], LightControl)


def test_a_camera_that_turns_the_other_way(data_dir: Path, camera: SimulatedCamera) -> None:
    add_to_list(replace(make_device(camera, "porch"), ptz_swapped=True))
    with start_on_terminal(data_dir, "view", "porch") as view:
        view.wait_for_text("porch  live")
        view.type("h")
        view.wait_for(lambda: len(camera.controls.obeyed) == 1)
    assert camera.controls.obeyed[0] == PtzControl(pan=Pan.RIGHT, step=1)


def test_a_camera_by_rtsp_is_shown_and_turned_by_onvif(data_dir: Path, tmp_path: Path) -> None:
    host, desk, port = "127.0.0.79", OnvifDesk(SMALL.device_id), find_free_port("tcp")
    url = f"rtsp://{host}:{port}/live/ch00_1"
    add_to_list(Device(name="porch", host=host, via=Via.RTSP, rtsp_url=url))
    footage = make_footage(tmp_path, seconds=40)
    with (
        RtspCamera(port, {"/live/ch00_1": footage}),
        OnvifServer(desk, host),
        start_on_terminal(data_dir, "view", "porch") as view,
    ):
        view.wait_for_text("porch  live")
        view.type("h")
        view.wait_for_text("sent: turn left")
        view.wait_for(lambda: view.terminal.frames > 5)
    assert desk.moves == [(-0.5, 0.0), None]


def test_other_commands_send_through_the_view(data_dir: Path) -> None:
    """The camera has room for one viewer only."""
    with (
        open_camera(pace=Pace.CAMERA, max_viewers=1) as camera,
        open_view(data_dir, camera) as view,
        start_v380(data_dir, "light", *address_args(camera), "on", "--json") as light,
    ):
        view.wait_for(lambda: light.poll() is not None)
        assert json.loads(light.communicate()[0])[0]["via"] == "recorder"
        view.wait_for(lambda: list(camera.controls.obeyed) == [LightControl(switch=LightSwitch.ON)])


def test_pictures_and_recordings_are_kept(
    data_dir: Path, camera: SimulatedCamera, tmp_path: Path
) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    with open_view(data_dir, camera, folder=folder) as view:
        view.type("s")
        view.wait_for_text("saved 87654321-")
        view.type("r")
        view.wait_for_text("REC 0:01")
        view.type("r")
        view.wait_for_text(".mp4")
        view.type("r")
        view.wait_for_text("REC 0:01")
        view.type("q")
        assert view.wait() == 0
    assert count_pictures(next(folder.glob("*.jpg"))) == 1
    recordings = sorted(folder.glob("*.mp4"))
    assert [count_pictures(path) > 5 for path in recordings] == [True, True]
    names = {path.name for path in folder.iterdir()}
    assert {line for line in view.terminal.read_text().split() if "." in line} == names


def test_a_recording_that_fails_does_not_end_the_view(
    data_dir: Path, camera: SimulatedCamera
) -> None:
    with open_view(data_dir, camera, folder=Path("/proc")) as view:
        view.type("r")
        view.wait_for_text("not recording any more: cannot")
        view.type("s")
        view.wait_for(lambda: view.terminal.read_line(LINES - 1).startswith(" cannot"))
        view.type("q")
        assert view.wait() == 0


def test_help_lies_on_the_picture_and_goes(data_dir: Path, camera: SimulatedCamera) -> None:
    with open_view(data_dir, camera) as view:
        view.type("?")
        view.wait_for_text("record, and stop recording")
        assert view.terminal.read_line(0).startswith(" arrows, h j k l   turn")
        assert "full screen" not in view.terminal.read_text()  # of a window
        view.type("?")
        view.wait_for(lambda: "turn" not in view.terminal.read_text())


@pytest.mark.parametrize(
    ("leave", "code"),
    [
        (lambda view: view.type("q"), 0),
        (lambda view: view.type("\x1b"), 0),
        (lambda view: view.type("\x03"), 130),
        (lambda view: view.process.send_signal(signal.SIGTERM), 143),
    ],
    ids=["q", "Esc", "Ctrl-C", "TERM"],
)
def test_the_terminal_is_left_as_it_was(
    leave: Callable[[TerminalRun], None], code: int, data_dir: Path, camera: SimulatedCamera
) -> None:
    args = ("view", *address_args(camera))
    with start_on_terminal(data_dir, *args, env={"V380_PASSWORD": PASSWORD}) as view:
        before = view.read_modes()
        view.wait_for_text("live")
        assert ALTERNATE_SCREEN in view.terminal.modes
        assert CURSOR not in view.terminal.modes
        assert view.read_modes() != before
        leave(view)
        assert view.wait() == code
        assert view.terminal.modes == {CURSOR, WRAPPING}
        assert view.read_modes() == before


def test_a_lost_link_is_told_and_mended(data_dir: Path) -> None:
    with open_camera("hang-up@2s*1", pace=Pace.CAMERA) as camera:
        release = hold_back_second_login(camera)
        with open_view(data_dir, camera) as view:
            bright = view.terminal.draw().max()
            view.wait_for_text("reconnecting, for ")
            assert view.terminal.draw().max() < bright  # the last picture stays, and is marked
            release.set()
            view.wait_for(lambda: "live" in view.terminal.read_line(LINES - 1))
            view.type("q")
            assert view.wait() == 0
            assert "the camera hung up" in view.terminal.read_text()


def hold_back_second_login(camera: SimulatedCamera) -> threading.Event:
    """Let the camera answer no log-in after the first until the event is set."""
    answer, release, is_first = camera.answer_login, threading.Event(), iter([True])

    def answer_late(request: LoginRequest) -> LoginReply:
        if not next(is_first, False):
            assert release.wait(TIMEOUT_S)
        return answer(request)

    camera.answer_login = answer_late  # type: ignore[method-assign]
    return release


def test_a_camera_that_refuses_us_meanwhile_is_waited_for(data_dir: Path) -> None:
    """It may only be starting; its person ends it."""
    with (
        open_camera("hang-up@1s", pace=Pace.CAMERA) as camera,
        open_view(data_dir, camera) as view,
    ):
        camera.answer_login = refuse_logins(camera)  # type: ignore[method-assign]
        view.wait_for_text("reconnecting")
        view.type("q")
        assert view.wait() in (0, 10)
        assert view.terminal.modes == {CURSOR, WRAPPING}


def refuse_logins(camera: SimulatedCamera) -> Any:
    """The log-in of a camera that has another password."""
    other = SimulatedCamera(replace(camera.spec, password=Secret("another")))
    return other.answer_login


def test_the_terminal_may_change_its_size(data_dir: Path, camera: SimulatedCamera) -> None:
    with open_view(data_dir, camera) as view:
        for columns, lines in ((40, 12), (40, 40)):
            view.resize(columns, lines)
            _, height = fit_picture(SMALL.width, SMALL.height, columns, lines - 1, HalfBlocks())
            view.wait_for(lambda: "live" in view.terminal.read_line(view.terminal.lines - 1))
            view.wait_for(lambda height=height: count_lit_rows(view) == 2 * height)  # type: ignore[misc]
        view.resize(7, 2)
        view.wait_for(lambda: view.terminal.frames > 5)
        assert view.terminal.unknown == set()
        view.type("?q")
        assert view.wait() == 0


def count_lit_rows(view: TerminalRun) -> int:
    """How many rows of pixels the picture takes."""
    return int(view.terminal.draw().any(axis=(1, 2)).sum())


def test_without_colours_it_is_grey(data_dir: Path, camera: SimulatedCamera) -> None:
    with open_view(data_dir, camera, env={"NO_COLOR": "1"}) as view:
        view.wait_for(lambda: view.terminal.frames > 5)
        picture = view.terminal.read_text().splitlines()[: LINES - 1]
        assert "8;2;" not in view.written
    assert set("".join(picture)) <= set(GREY_RAMP)
    assert len(set("".join(picture))) > 5


def test_a_terminal_that_does_not_answer_is_not_waited_for_for_ever(
    data_dir: Path, camera: SimulatedCamera
) -> None:
    args = ("view", *address_args(camera))
    with start_on_terminal(data_dir, *args, env={"V380_PASSWORD": PASSWORD}) as view:
        view.answers_questions = False
        view.wait_for(lambda: view.terminal.frames > 12)


def test_a_slow_terminal_gets_fewer_pictures(data_dir: Path, camera: SimulatedCamera) -> None:
    """None of them wait on the way: two are sent, and the next when the first has come."""
    with open_view(data_dir, camera) as view:
        view.answers_questions = False
        view.terminal.answers = 0
        sent_before = len(list(list_pictures(camera)))
        view.wait_for(lambda: len(list(list_pictures(camera))) > sent_before + 8)
        assert view.terminal.answers <= 2


def test_the_password_may_come_from_standard_input(data_dir: Path, camera: SimulatedCamera) -> None:
    words = [*COLD_V380, "view", *address_args(camera), "--password-stdin"]
    line = f"echo {PASSWORD} | {shlex.join(words)}"
    with start_on_terminal(data_dir, command=("sh", "-c", line)) as view:
        view.wait_for_text("live")
        view.type("h")
        view.wait_for_text("sent: turn left")
        view.type("q")
        assert view.wait() == 0


def test_a_refused_log_in_draws_nothing(data_dir: Path, camera: SimulatedCamera) -> None:
    args = ("view", *address_args(camera))
    with start_on_terminal(data_dir, *args, env={"V380_PASSWORD": "wrong"}) as view:
        assert view.wait() == 5
    assert "\x1b" not in view.written
    assert "wrong" not in view.written.replace("wrong password", "")


def test_mistakes(v380: Callable[..., Done], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    target = ("127.0.0.1:1", "--id", "1")
    piped = v380("view", *target)
    assert piped.code == 2
    assert "`v380 stream` and" in piped.err
    assert v380("view").code == 2
    assert v380("view", *target, "--fps", "0").code == 2
    with open_cameras(SMALL) as cameras:
        for name in ("porch", "hall"):
            add_to_list(make_device(cameras[0], name))
        several = v380("view", "porch", "hall")
    assert several.code == 2
    assert "v380 wall" in several.err


def test_a_missing_library_is_told_where_a_window_was_wanted(
    v380: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", ":1")
    monkeypatch.setitem(sys.modules, "cv2", None)
    done = v380("view", "127.0.0.1:1", "--id", "1")
    assert done.code == 8
    assert "apt-get install libgl1" in done.err


@pytest.fixture
def framebuffer(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A display, and the file in which its picture is."""
    if shutil.which("Xvfb") is None:
        pytest.skip("needs Xvfb")
    width, height = SCREEN_SIZE
    reader, writer = os.pipe()
    options = ["-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp", "-fbdir", str(tmp_path)]
    with subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), *options],
        pass_fds=[writer],
        stderr=subprocess.DEVNULL,
    ) as server:
        os.close(writer)
        with os.fdopen(reader) as numbers:
            display = f":{numbers.readline().strip()}"
        yield display, tmp_path / "Xvfb_screen0"
        server.terminate()


def read_screen(path: Path) -> NDArray[np.uint8]:
    """The pixels of an XWD file, red, green and blue."""
    data = path.read_bytes()
    header = struct.unpack(">25I", data[:100])
    start, height, row_bytes, colors = header[0], header[5], header[12], header[19]
    pixels = np.frombuffer(data, np.uint8, height * row_bytes, start + 12 * colors)
    return pixels.reshape(height, -1, 4)[:, :, 2::-1]


def test_a_window_shows_the_picture(
    data_dir: Path, camera: SimulatedCamera, framebuffer: tuple[str, Path]
) -> None:
    display, path = framebuffer
    env = {"DISPLAY": display, "V380_PASSWORD": PASSWORD}
    middles = [round(SMALL.width * (bar + 0.5) / len(BARS)) for bar in range(len(BARS))]

    def is_seen() -> bool:
        bars = read_screen(path)[4 : SMALL.height // 6, middles].mean(axis=0)
        return float(np.abs(bars - np.array(BARS) * BAR_LEVEL).mean()) < 8

    # On a busy machine without a window manager Qt loses now and then what X tells it of the new
    # window (MapNotify and Expose never come out of its queue), and then paints nothing in it.
    for _ in range(3):
        words = ("view", *address_args(camera))
        with start_v380(data_dir, *words, env=env, program=COLD_V380) as process:
            is_shown = await_picture(process, is_seen)
            process.send_signal(signal.SIGTERM)
            out, talk = process.communicate(timeout=TIMEOUT_S)
        assert (process.returncode, out, talk) == (143, "", "")
        if is_shown:
            return
    pytest.fail("the picture is not on the screen")


def await_picture(process: "subprocess.Popen[str]", is_seen: Callable[[], bool]) -> bool:
    """Whether it is seen while the process lives, soon enough for a busy machine."""
    deadline = time.monotonic() + PAINT_TIMEOUT_S
    while not is_seen():
        assert process.poll() is None, process.communicate()
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True
