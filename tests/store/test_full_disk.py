"""A disk with no room left, and one that may only be read: the list is read all the same."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli import make_environment
from tests.warm import COLD_V380

# Runs what follows with an own, small file system at the first argument; 0 when that is possible.
TINY_DISK = 'mount -t tmpfs -o size=256k,mode=700 tiny "$0" && "$@"'
STORY = """
import os, subprocess, sys
from pathlib import Path
from v380cli.errors import StorageError
from v380cli.models import Device, Secret
from v380cli.store.database import DeviceRecord, open_device_list

disk, state, how, *v380 = sys.argv[1:]

def add(name):
    with open_device_list() as devices:
        device = Device(name=name, device_id=len(name), password=Secret("of " + name))
        devices.add(DeviceRecord(device=device))

def add_and_die(name):
    if not os.fork():
        with open_device_list() as devices:
            devices.add(DeviceRecord(device=Device(name=name, device_id=len(name))))
            os._exit(0)
    os.wait()

def fill():
    with open(Path(disk) / "filling", "ab", buffering=0) as filling:
        try:
            while filling.write(bytes(1024)):
                pass
        except OSError:
            pass

add("yard")
if state == "killed":
    add_and_die("hall")
if how == "full":
    fill()
else:
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
with open_device_list(create=False) as devices:
    print(*[name for name, _, _ in devices.list_names()])
    print(devices.read_password("yard").reveal())
if how == "full":
    fill()  # what was read is put in order, and that may have made some room
edit = [*v380, "devices", "edit", "yard", "--notes", "x"]
done = subprocess.run(edit, stderr=subprocess.PIPE, text=True)
print(done.returncode, " ".join(done.stderr.split()))
print(subprocess.run([*v380, "devices", "list"]).returncode, flush=True)
"""


def tell(data_dir: Path, state: str, how: str) -> list[str]:
    """The lines of the story, told in a mount namespace of its own."""
    data_dir.mkdir(mode=0o700)
    place = ["unshare", "-m", "sh", "-c", TINY_DISK, str(data_dir)]
    probe = subprocess.run([*place, "true"], check=False, capture_output=True)
    if probe.returncode:
        pytest.skip("needs root and mount namespaces")
    done = subprocess.run(
        [*place, sys.executable, "-c", STORY, str(data_dir), state, how, *COLD_V380],
        check=False,
        env=make_environment(data_dir),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("state", ["closed", "killed"])
@pytest.mark.parametrize(
    ("how", "reason"), [("full", "the disk is full"), ("read-only", "can only be read")]
)
def test_the_list_is_read_and_what_cannot_be_written_is_told(
    data_dir: Path, state: str, how: str, reason: str
) -> None:
    names, password, change, *listing = tell(data_dir, state, how)
    assert names == ("yard" if state == "closed" else "hall yard")
    assert password == "of yard"
    assert change.startswith("9 v380: the device list ")
    assert reason in change
    assert any("yard" in line for line in listing)
