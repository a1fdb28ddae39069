"""Whether cameras of the list let us in, until somebody has waited long enough."""

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from v380cli.camera.interrupt import Interrupt
from v380cli.models import Device
from v380cli.work.devices.checking import check_devices

CAMERAS = 3


def test_a_signal_ends_every_check_that_waits(data_dir: Path) -> None:
    """Each link is closed by us while the camera still says nothing."""
    interrupts = [Interrupt() for _ in range(CAMERAS)]
    with ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        server.settimeout(60)
        pool = stack.enter_context(ThreadPoolExecutor(1))
        port = server.getsockname()[1]
        devices = [
            Device(device_id=number, host="127.0.0.1", port=port)
            for number in range(1, CAMERAS + 1)
        ]
        checking = pool.submit(check_devices, devices, interrupts)
        links = [stack.enter_context(server.accept()[0]) for _ in range(CAMERAS)]
        for interrupt in interrupts:
            interrupt.request()
        for link in links:
            link.settimeout(60)
            while link.recv(4096):
                pass
        errors = [check.error for check in checking.result()]
    assert [str(error) for error in errors if error] == CAMERAS * ["interrupted"]
