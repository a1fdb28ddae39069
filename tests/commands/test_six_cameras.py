"""Six cameras lose their links, and each refuses us once: all go on, in a few lines on stderr."""

import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.commands.recording_lab import (
    SMALL,
    TIMEOUT_S,
    add_to_list,
    make_device,
    open_cameras,
    start_v380,
)
from tests.readback import count_pictures
from v380cli.simulator.camera import Pace
from v380cli.simulator.faults import parse_fault
from v380cli.simulator.firmware import SimulatedCamera
from v380cli.wire.live import StreamLoginReply
from v380cli.wire.login import LoginReply

# `v380` as it is, but its pauses are over after half a second.
QUICK_V380 = (
    sys.executable,
    "-c",
    """
from v380cli.camera.interrupt import Interrupt
wait = Interrupt.wait
Interrupt.wait = lambda interrupt, seconds: wait(interrupt, min(seconds, 0.5))
from v380cli.app import main
main()
""",
)
LOSS = "the camera hung up; trying again"
DAMAGE = "nothing is recorded until the next keyframe: "
LOGIN_FORMS = 3  # of a password, until a refusal is taken for what it is


@dataclass(frozen=True)
class Refusal:
    """What a camera answers to calls of one of its methods once it has sent something.

    `at_once` is what is told of it then, `at_return` what the line of the return says.
    """

    method: str
    answer: object
    times: int = 1
    at_once: tuple[str, ...] = ()
    at_return: str = ""

    def attach(self, camera: SimulatedCamera, patch: pytest.MonkeyPatch) -> None:
        give_answer, requests = getattr(camera, self.method), []

        def answer(request: object) -> object:
            if not camera.sent_access_units:
                return give_answer(request)
            requests.append(request)
            return self.answer if len(requests) <= self.times else give_answer(request)

        patch.setattr(camera, self.method, answer)


def refuse_log_in(result: int, **changes: Any) -> Refusal:
    return Refusal("answer_login", LoginReply(result=result), **changes)


def refuse_stream(result: int, **changes: Any) -> Refusal:
    return Refusal("answer_stream_login", (StreamLoginReply(result=result), None), **changes)


REFUSALS = {
    "busy": refuse_stream(2001, at_return="the camera refused to open the stream (2001)"),
    "expired": refuse_stream(
        -11,
        times=2,
        at_return="the camera wants a new log-in before it lets us see the stream",
    ),
    "failed": refuse_log_in(-1, at_return="the camera refused the log-in (-1)"),
    "no-right": refuse_log_in(1013, at_return="the camera gives this user no right to log in"),
    "password": refuse_log_in(
        1012,
        times=LOGIN_FORMS,
        at_once=(
            "the camera refused the password (user 'admin', the password in the device list); "
            "trying again in 30 s",
        ),
    ),
}


def test_six_cameras_with_a_refusal_each_go_on_and_say_so_in_few_lines(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = replace(SMALL, pace=Pace.CAMERA)
    lost = replace(live, faults=(parse_fault("hang-up@0.8s*1"),))
    damaged = replace(live, device_id=6, faults=(parse_fault("damaged-parameters@0.8s*1"),))
    specs = [*(replace(lost, device_id=number) for number in range(1, 6)), damaged]
    with open_cameras(*specs) as cameras:
        for camera, name in zip(cameras, [*REFUSALS, "damaged"], strict=True):
            add_to_list(make_device(camera, name))
            if name in REFUSALS:
                REFUSALS[name].attach(camera, monkeypatch)
        command = ("record", "--all", "-o", f"{tmp_path}/{{name}}.mp4", "--duration", "2m")
        with start_v380(data_dir, *command, program=QUICK_V380) as process:
            told = read_until_all_are_back(process)
            process.terminate()
            out, _ = process.communicate(timeout=TIMEOUT_S)
    for name, refusal in REFUSALS.items():
        *between, back = told[name][told[name].index(LOSS) + 1 :]
        assert tuple(between) == refusal.at_once
        assert refusal.at_return in back
    assert len([line for line in told["damaged"] if line.startswith(DAMAGE)]) == 1
    assert process.returncode == 143
    files = [Path(line.partition("\t")[0]) for line in out.splitlines()]
    assert {file.name for file in files} >= {f"{name}.mp4" for name in [*REFUSALS, "damaged"]}
    assert all(count_pictures(file) > 0 for file in files)


def read_until_all_are_back(process: "subprocess.Popen[str]") -> dict[str, list[str]]:
    """What is said of each camera, until all that were lost are back and the damage is told."""
    told: dict[str, list[str]] = {name: [] for name in [*REFUSALS, "damaged"]}
    assert process.stderr
    while not any(line.startswith(DAMAGE) for line in told["damaged"]) or not all(
        LOSS in told[name] and told[name][-1].startswith("back after ") for name in REFUSALS
    ):
        line = process.stderr.readline()
        assert line, told
        name, _, sentence = line.rstrip().partition(": ")
        told.setdefault(name, []).append(sentence)
    return told
