"""`v380 wall` on a terminal: every camera at once, one of them large, and who is not there."""

from dataclasses import replace
from pathlib import Path

from tests.commands.recording_lab import (
    PASSWORD,
    SMALL,
    add_to_list,
    find_closed_port,
    make_device,
    open_cameras,
)
from tests.virtual_terminal import TerminalRun, start_on_terminal
from v380cli.simulator.camera import Pace

LINES = 24


def read_status(wall: TerminalRun) -> str:
    return wall.terminal.read_line(LINES - 1)


def read_tiles(wall: TerminalRun) -> str:
    return "\n".join(wall.terminal.read_line(row) for row in range(LINES - 1))


def test_all_cameras_are_shown_by_name_and_one_is_made_large(data_dir: Path) -> None:
    spec = replace(SMALL, pace=Pace.CAMERA)
    with open_cameras(spec, replace(spec, device_id=2)) as (first, second):
        porch = make_device(first, name="porch")
        for device in (
            porch,
            make_device(second, name="Дом"),
            replace(porch, name="shed", device_id=3, port=find_closed_port()),
        ):
            add_to_list(device)
        with start_on_terminal(data_dir, "wall") as wall:
            wall.wait_for(lambda: "2 of 3 live" in read_status(wall))
            wall.wait_for(lambda: "shed  waiting for the camera" in read_tiles(wall))
            assert "porch" in read_tiles(wall)
            assert "Дом" in read_tiles(wall)
            wall.type("2")  # there is nothing to see of it
            wall.type("3")
            wall.wait_for(lambda: "Дом" in read_status(wall))
            wall.wait_for(lambda: "shed" not in read_tiles(wall))
            wall.type("h")
            wall.wait_for(lambda: "porch" in read_status(wall))
            wall.type("0")
            wall.wait_for(lambda: "shed" in read_tiles(wall))
            wall.type("q")
            assert wall.wait() == 10
            assert "shed: cannot connect" in wall.written
            assert PASSWORD not in wall.written
