"""`doctor` says whether anybody in the network may watch by RTSP, and how RTSP is switched on."""

from pathlib import Path

import pytest

from tests.media_server import find_free_port
from tests.rtsp_camera import RtspCamera, make_footage
from v380cli.camera.access import Access
from v380cli.models import Device, Secret
from v380cli.work.doctor.camera import CESHI_HINT, OPEN_HINT, Examination, check_rtsp
from v380cli.work.doctor.finding import State

USER, PASSWORD = "owner", "tell-nobody-4711"


def examine(port: int) -> Examination:
    url = f"rtsp://127.0.0.1:{port}/h264"
    return Examination(
        Access(Device(host="127.0.0.1", username=USER, password=Secret(PASSWORD), rtsp_url=url))
    )


@pytest.mark.parametrize("user", ["", USER])
def test_rtsp_that_asks_for_no_password_is_a_warning(tmp_path: Path, user: str) -> None:
    port = find_free_port("tcp")
    mounts = {"/h264": make_footage(tmp_path, seconds=1)}
    with RtspCamera(port, mounts, user=user, password=PASSWORD):
        found = examine(port)
        state, message, hint = check_rtsp(found)
    assert found.has_rtsp
    if user:
        assert (state, message) == (State.OK, "RTSP asks for a password")
    else:
        assert (state, hint) == (State.WARN, OPEN_HINT)
    assert PASSWORD not in message + hint


def test_where_there_is_none_it_is_said_how_it_is_switched_on() -> None:
    found = examine(find_free_port("tcp"))
    assert check_rtsp(found) == (State.SKIP, "no RTSP", CESHI_HINT)
    keys = {line for line in ("rtsp=1", "rtsp_enable=1", "rtsp_ctrl=1") if line in CESHI_HINT}
    assert len(keys) == 3
    assert "[CONST_PARAM]" in CESHI_HINT and "without a password" in CESHI_HINT
    assert not found.has_rtsp
