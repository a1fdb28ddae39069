"""A camera of the device list that has another address by now, on a LAN in network namespaces."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path

from tests.cli import V380, make_environment
from tests.commands.recording_lab import PASSWORD, SMALL, TIMEOUT_S, add_to_list
from tests.lan import open_lab
from v380cli.models import Device
from v380cli.simulator.server import Simulator
from v380cli.store.database import open_device_list

OLD, NEW, PORT = "10.1.0.100", "10.1.0.101", 8800


def test_it_is_recorded_from_its_new_address_which_is_learnt(
    data_dir: Path, tmp_path: Path
) -> None:
    device_id = SMALL.device_id
    add_to_list(Device(name="front", device_id=device_id, host=OLD, port=PORT))
    simulator = Simulator([replace(SMALL, host=NEW, port=PORT)])
    with open_lab() as lab:
        lab.add_lan("lan1")
        laptop = lab.add_host("laptop", {"lan1": ["10.1.0.2/24"]})
        cameras = lab.add_host("cameras", {"lan1": [f"{NEW}/24", f"{OLD}/24"]})
        cameras.call(simulator.start)
        try:
            process = laptop.start(
                [*V380, "record", "front", "--duration", "1", "--json"],
                env=make_environment(data_dir, {"V380_PASSWORD": PASSWORD}),
                cwd=tmp_path,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            out, talk = process.communicate(timeout=TIMEOUT_S)
        finally:
            simulator.stop()
    assert (process.returncode, talk) == (0, "")
    (document,) = json.loads(out)
    assert (document["device"], document["address"]) == ("front", f"{NEW}:{PORT}")
    assert len(document["files"]) == 1
    with open_device_list() as devices:
        (record,) = devices.list_devices()
    assert record.device.host == NEW
