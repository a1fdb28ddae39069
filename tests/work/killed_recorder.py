"""A recorder of one file that is killed at a step of its aftercare: python killed_recorder.py.

    killed_recorder.py STEP WHEN OUTPUT COMMAND

STEP is `finish`, `handing-on` or `handed-on`, and WHEN `before` or `after` it; with another STEP it
is up to COMMAND to kill.
"""

import datetime as dt
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from v380cli.models import Device, RecordedFile
from v380cli.store.footage import FileState, Footage, FootageList
from v380cli.work.aftercare import Aftercare, CarePlan
from v380cli.work.hooks import Hook
from v380cli.work.retention import Retention


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def kill_at(when: str, do: Callable[..., Any]) -> Callable[..., Any]:
    def do_and_die(*args: Any) -> None:
        if when == "after":
            do(*args)
        die()

    return do_and_die


def lay_trap(step: str, when: str) -> None:
    """Have this process killed before or after a step."""
    change, finish = FootageList.change, FootageList.finish
    change_and_die = kill_at(when, change)

    def change_or_die(files: FootageList, file: Footage, state: FileState) -> bool:
        return bool((change_and_die if state == step else change)(files, file, state))

    if step == "finish":
        patch.object(FootageList, "finish", kill_at(when, finish)).start()
    else:
        patch.object(FootageList, "change", change_or_die).start()


def main() -> None:
    step, when, output, command = sys.argv[1:]
    lay_trap(step, when)
    path, start = Path(output) / "a.mp4", dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)
    plan = CarePlan(output=output, retention=Retention(), hook=Hook(command))
    with Aftercare(plan, print) as aftercare:
        aftercare.begin(Device(name="porch", device_id=7), path, start)
        aftercare.finish(
            path,
            RecordedFile(
                path=path,
                start=start,
                duration_s=1.0,
                video_packets=1,
                audio_packets=0,
                size_bytes=path.stat().st_size,
                codec="h264",
            ),
        )


if __name__ == "__main__":
    main()
