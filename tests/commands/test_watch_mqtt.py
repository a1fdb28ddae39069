"""`v380 watch --mqtt` on a camera before which something moves, and a broker on loopback."""

import json
import signal
from pathlib import Path

from tests.commands.recording_lab import open_camera, wait_until
from tests.commands.test_watch import PERSON, wait_for, watching
from tests.work.test_home_assistant import NEEDS_BROKER, Mosquitto, broker

__all__ = ["broker"]  # a fixture


@NEEDS_BROKER
def test_home_assistant_is_told_of_motion_and_of_a_kill(data_dir: Path, broker: Mosquitto) -> None:
    url = f"mqtt://127.0.0.1:{broker.port}"
    with (
        open_camera(**PERSON) as camera,
        watching(data_dir, camera, "--mqtt", url) as (process, lines),
    ):
        wait_for(lines, "motion_end")
        wait_until(lambda: broker.get("v380/87654321/motion")[:3] == [b"OFF", b"ON", b"OFF"])
        process.send_signal(signal.SIGKILL)
        wait_until(lambda: broker.get("v380/status") == [b"online", b"offline"])
        process.communicate()
    announced = json.loads(broker.get("homeassistant/device/v380_87654321/config")[0])
    assert announced["components"]["motion"]["state_topic"] == "v380/87654321/motion"
    assert broker.get("v380/87654321/snapshot")[0].startswith(b"\xff\xd8")
    assert json.loads(broker.get("v380/87654321/event")[0])["event"] == "motion_start"
