"""The page of `stream --serve` in a real browser, cut off from every network but its own loopback.

pytest tests/commands/test_serving_page.py --basetemp=/tmp/page    # and look at the PNG files
"""

import io
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tests.browser import Browser, find_obstacle, open_browser
from tests.commands.serving_lab import Show, serve
from tests.lan import open_lab
from v380cli.media.sink import Codec
from v380cli.wire.control import (
    PTZ_STOP,
    LightControl,
    LightSwitch,
    PtzDirection,
    make_ptz,
)

TIMEOUT_S = 60.0  # a browser on two busy cores
FOOTAGE: dict[str, Any] = {"width": 640, "height": 360, "bitrate": 1_000_000, "gop_s": 2.0}
ALIKE = 25  # mean difference of channels; another picture has over 60
HEVC = 'video/mp4; codecs="hvc1.1.6.L93.90"'
IS_LOADED = "document.readyState == 'complete' && typeof stage == 'object'"
STATE = """({
    time: video.currentTime,
    width: video.hidden ? pictures.naturalWidth : video.videoWidth,
    isLive: stage.classList.contains("live"),
    isIdle: stage.classList.contains("idle"),
    isMuted: video.muted,
    message: message.textContent,
    title: document.title,
})"""

# What of the page is beyond the window, or covers another button.
LIES_OUTSIDE = """
    [...document.querySelectorAll("header, nav, #pad, nav > *, #pad > *")].filter((it) => {
        const { left, right, top, bottom } = it.getBoundingClientRect();
        const isButton = it.matches("nav > *, #pad > *");
        const onTop = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
        return left < 0 || top < 0 || right > innerWidth || bottom > innerHeight
            || isButton && !it.hidden && !it.contains(onTop);
    }).map((it) => it.outerHTML)
"""
PRESS = """window.dispatchEvent(new KeyboardEvent("{event}", {{ key: "ArrowLeft" }})); 0"""
PLAYS_AGAIN = """
    stage.classList.remove("live");
    video.dispatchEvent(new Event("playing"));
    stage.classList.contains("live")
"""


def watch(look: Callable[[Show, Browser], None], *faults: str, **changes: Any) -> None:
    """Serve a camera, open its page in a browser, and look at it, all in one namespace."""
    with open_lab() as lab:
        host = lab.add_host("desk", {})

        def run() -> None:
            with (
                open_browser(host) as browser,
                serve(*faults, **{**FOOTAGE, **changes}) as show,
            ):
                browser.show(f"http://127.0.0.1:{show.port}/", 640, 360)
                look(show, browser)

        host.call(run)


@pytest.fixture(autouse=True)
def _browser() -> None:
    if obstacle := find_obstacle():
        if os.environ.get("CI") == "true":
            pytest.fail(f"a browser is needed in CI: {obstacle}")
        pytest.skip(obstacle)


def wait_for(browser: Browser, check: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The state of the page once it is as wanted."""
    state: dict[str, Any] = {}
    for _ in each_moment():
        if browser.evaluate(IS_LOADED):
            state = browser.evaluate(STATE)
            if check(state):
                return state
    raise AssertionError(state)


def each_moment() -> Iterator[None]:
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        yield
        time.sleep(0.05)


def wait_for_live(browser: Browser, width: int) -> None:
    state = wait_for(browser, lambda s: s["isLive"] and s["width"] == width)
    if state["time"]:
        wait_for(browser, lambda later: bool(later["time"] > state["time"] + 1))


def take_screenshot(browser: Browser, path: Path) -> np.ndarray[Any, Any]:
    """What is in the window when nothing lies over the picture."""
    wait_for(browser, lambda state: bool(state["isIdle"]))
    browser.evaluate("Promise.all(document.getAnimations().map((it) => it.finished))")
    path.write_bytes(browser.take_screenshot())
    return decode(path.read_bytes(), "png_pipe")


def decode(data: bytes, name: str) -> np.ndarray[Any, Any]:
    with av.open(io.BytesIO(data), "r", format=name) as source:
        picture = next(source.decode(video=0))
        return picture.to_ndarray(format="rgb24", width=640, height=360).astype(int)


def assert_shows_the_camera(show: Show, browser: Browser, path: Path) -> None:
    seen = take_screenshot(browser, path)
    with show.open("/snapshot.jpg") as response:
        wanted = decode(response.read(), "jpeg_pipe")
    assert np.abs(seen - wanted).mean() < ALIKE
    assert np.abs(seen[:, ::-1] - wanted).mean() > 2 * ALIKE, "the measure tells pictures apart"


def test_it_plays(tmp_path: Path) -> None:
    def look(show: Show, browser: Browser) -> None:
        wait_for_live(browser, 640)
        assert browser.evaluate("location.search") == ""
        assert browser.evaluate("document.title") == str(show.camera.spec.device_id)
        assert_shows_the_camera(show, browser, tmp_path / "playing.png")
        assert browser.evaluate(PLAYS_AGAIN), "it does not wait for the next status"
        browser.evaluate("sound.click()")
        assert not browser.evaluate(STATE)["isMuted"]
        wait_for_live(browser, 640)
        assert show.describe()["viewers"] == 1
        assert_keys_and_buttons_reach_the_camera(show, browser)
        for width, height in ((1280, 720), (390, 844)):
            browser.show(f"http://127.0.0.1:{show.port}/", width, height)
            wait_for_live(browser, 640)
            assert browser.evaluate(LIES_OUTSIDE) == []
            (tmp_path / f"{width}.png").write_bytes(browser.take_screenshot())

    watch(look)


def assert_keys_and_buttons_reach_the_camera(show: Show, browser: Browser) -> None:
    left, orders = make_ptz(PtzDirection.LEFT), show.camera.controls.obeyed
    browser.evaluate(PRESS.format(event="keydown"))
    for _ in each_moment():
        if list(orders)[:2] == [left, left]:  # as long as it is down
            break
    else:
        raise AssertionError(list(orders))
    browser.evaluate(PRESS.format(event="keyup"))
    browser.evaluate("light.click()")
    on = LightControl(switch=LightSwitch.ON)
    for _ in each_moment():
        if {on, PTZ_STOP} <= set(orders) and browser.evaluate("note.textContent") == "light: on":
            break
    else:
        raise AssertionError(list(orders))


def test_what_the_browser_cannot_play_comes_as_pictures(tmp_path: Path) -> None:
    def look(show: Show, browser: Browser) -> None:
        if browser.evaluate(
            """MediaSource.isTypeSupported('video/mp4; codecs="hvc1.1.6.L93.90"')"""
        ):
            pytest.skip("this browser plays H.265")
        wait_for_live(browser, 640)
        assert browser.evaluate("video.hidden && !pictures.hidden && sound.hidden")
        assert_shows_the_camera(show, browser, tmp_path / "pictures.png")

    watch(look, codec=Codec.HEVC)


@pytest.mark.parametrize(
    ("fault", "width"), [("size-change@2s", 320), ("no-audio@2s", 640)], ids=["size", "sound"]
)
def test_it_goes_on_after_another_size_and_without_its_sound(
    fault: str, width: int, tmp_path: Path
) -> None:
    def look(show: Show, browser: Browser) -> None:
        wait_for(browser, lambda state: show.recorder.duration_s > 4)
        wait_for_live(browser, width)
        assert_shows_the_camera(show, browser, tmp_path / "after.png")

    watch(look, fault)


def test_it_says_when_the_camera_is_away_and_goes_on(tmp_path: Path) -> None:
    def look(show: Show, browser: Browser) -> None:
        wait_for_live(browser, 640)
        wait_for(browser, lambda s: not s["isLive"] and s["message"] == "Waiting for the camera")
        (tmp_path / "away.png").write_bytes(browser.take_screenshot())
        wait_for_live(browser, 640)
        assert show.recorder.reconnects == 1
        assert_shows_the_camera(show, browser, tmp_path / "back.png")

    # The page sees a silence after 3 s, and looks every 2.
    watch(look, "silence@5s*1", silence_s=8.0)
