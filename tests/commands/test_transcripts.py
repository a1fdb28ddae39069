"""What people see, command by command, as golden text to be read; WRITE_GOLDEN=1 writes it anew."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.lan import Host, find_obstacle, open_lab
from tests.simulator.viewer import SMALL
from tests.transcript import Transcript, remove_styles
from v380cli.models import Secret
from v380cli.simulator.camera import CameraSpec
from v380cli.simulator.radio import HotspotSpec
from v380cli.simulator.server import Simulator

GOLDEN = Path(__file__).parents[1] / "golden" / "transcripts"
CAMERA = CameraSpec(
    device_id=12345678, password=Secret("example"), width=320, height=240, loop_s=2.0, port=8800
)
HOTSPOT = replace(
    SMALL,
    device_id=20000001,
    password=Secret(),
    port=8800,
    hotspot=HotspotSpec(home_host="127.0.0.100", psk=Secret("Sesame-4711"), join_delay_s=0.05),
)
BATCH = """id,address,name,ssid,psk
20000001,127.0.0.1,porch,home,Sesame-4711
20000002,127.0.0.9,garage,home,Sesame-4711
"""

pytestmark = pytest.mark.skipif(bool(find_obstacle()), reason=find_obstacle())


@pytest.fixture
def host() -> Iterator[Host]:
    with open_lab() as lab:
        yield lab.add_host("desk", {})


def first_minutes(transcript: Transcript) -> None:
    transcript.type("v380 discover")
    transcript.type("v380 devices add front-door --id 12345678", "example")
    transcript.type("v380 devices list")
    transcript.type("v380 snapshot front-door")
    transcript.type("v380 record front-door --duration 1s")
    transcript.type("v380 light front-door on")


def wrong_password(transcript: Transcript) -> None:
    transcript.type("v380 devices add front-door --id 12345678", "exampel")
    transcript.type("v380 info front-door")
    transcript.type("v380 devices list --check")


def camera_off(transcript: Transcript) -> None:
    transcript.type("v380 devices add garage --id 87654321 --address 127.0.0.9", "")
    transcript.type("v380 record garage --duration 1s")
    transcript.type("v380 record garge --duration 1s")


def bad_row(transcript: Transcript) -> None:
    file = transcript.folder / "cameras.csv"
    file.write_text(BATCH.replace("20000002", "2000000z"))
    file.chmod(0o600)
    transcript.type("v380 provision batch cameras.csv --plan")
    file.write_text(BATCH)
    transcript.type("v380 provision batch cameras.csv --plan")
    transcript.type("v380 provision batch cameras.csv --timeout 20s")


@pytest.mark.parametrize("colour", [True, False], ids=["colour", "plain"])
@pytest.mark.parametrize("columns", [80, 200])
@pytest.mark.parametrize("story", [first_minutes, wrong_password, camera_off, bad_row])
def test_what_a_person_sees(
    story: Callable[[Transcript], None], columns: int, colour: bool, host: Host, tmp_path: Path
) -> None:
    """The golden text has the colours; without them there is the same."""
    simulator = Simulator([HOTSPOT if story is bad_row else CAMERA])
    host.call(simulator.start)
    environment = {} if colour else {"NO_COLOR": "1", "TERM": "dumb"}
    transcript = Transcript(host, tmp_path, columns, environment)
    try:
        story(transcript)
    finally:
        simulator.stop()
    file = GOLDEN / f"{story.__name__}-{columns}.txt"
    if "WRITE_GOLDEN" in os.environ and colour:
        file.write_text(transcript.text)
    golden = file.read_text()
    assert transcript.text == (golden if colour else remove_styles(golden))
