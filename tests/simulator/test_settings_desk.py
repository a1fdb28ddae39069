"""What a simulated camera makes of settings that are out of the ordinary."""

import pytest

from tests.simulator.viewer import DEVICE_ID, SMALL, ask, login, run
from v380cli.wire.settings.clock import SetClockRequest
from v380cli.wire.settings.exchange import SettingReply


@pytest.mark.parametrize("year", [1, 1969, 9999])
def test_a_year_that_no_camera_counts_is_refused(year: int) -> None:
    with run(SMALL) as camera:
        text = f"{year:04d}-12-31 23:59:59"
        change = SetClockRequest(device_id=DEVICE_ID, ticket=login(camera), text=text)
        reply = SettingReply.decode(ask(camera, change.encode()))
    assert (reply.command, reply.result, reply.reason) == (416, 2001, 1014)
