"""What the buttons of a page have a camera do, and what it is not asked for."""

import json
import urllib.error
import urllib.request

import pytest

from tests.commands.recording_lab import TIMEOUT_S, wait_until
from tests.commands.serving_lab import Show, serve
from v380cli.errors import Refused
from v380cli.wire.abilities import Abilities
from v380cli.wire.control import PTZ_STOP, LightControl, LightSwitch, PtzDirection, make_ptz
from v380cli.work.serving.camera_source import CameraSource
from v380cli.work.serving.page_controls import ORDERS


def order(show: Show, word: str) -> int:
    """Ask for it as the page does; the status of the answer."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{show.port}/control",
        json.dumps({"do": word}).encode(),
        {"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refusal:
        return int(refusal.code)


def test_orders_reach_the_camera() -> None:
    with serve() as show:
        show.wait_for_pictures(1)
        assert show.describe()["controls"] == list(ORDERS)
        assert [order(show, word) for word in ("left", "stop", "light-auto")] == [204] * 3
        wait_until(lambda: len(show.camera.controls.obeyed) == 3)
        assert order(show, "jump") == 400
    assert list(show.camera.controls.obeyed) == [
        make_ptz(PtzDirection.LEFT),
        PTZ_STOP,
        LightControl(switch=LightSwitch.AUTO),
    ]


def test_what_the_camera_lacks_is_not_offered() -> None:
    with serve(abilities=Abilities(audio=1, light=1)) as show:
        show.wait_for_pictures(1)
        assert show.describe()["controls"] == ["light-on", "light-off", "light-auto"]
        assert order(show, "left") == 409
        assert not show.camera.controls.obeyed


def test_a_page_for_watching_alone_takes_no_orders() -> None:
    with serve() as show:
        show.wait_for_pictures(1)
        source = CameraSource(show.recorder, show.broadcast, takes_orders=False)
        assert source.describe()["controls"] == []
        with pytest.raises(Refused, match="--no-controls"):
            source.control("left")
        source.end()
