"""The page of all cameras in a real browser, cut off from every network but its own loopback."""

import time
from pathlib import Path

import pytest

from tests.browser import Browser, find_obstacle, open_browser
from tests.commands.recording_lab import TIMEOUT_S
from tests.commands.rtsp_lab import serve
from tests.lan import open_lab

LIVE_TILES = """
    [...document.querySelectorAll(".tile.live")].map((tile) => [
        tile.querySelector("img").naturalWidth, tile.textContent.trim(), tile.getAttribute("href"),
    ])
"""


def test_it_shows_every_camera_and_leads_to_its_page(tmp_path: Path) -> None:
    if obstacle := find_obstacle():
        pytest.skip(obstacle)
    with open_lab() as lab:
        host = lab.add_host("desk", {})

        def run() -> None:
            with open_browser(host) as browser, serve() as service:
                browser.show(f"http://127.0.0.1:{service.http_port}/", 640, 360)
                ((width, name, path),) = wait_for_tiles(browser)
                (tmp_path / "overview.png").write_bytes(browser.take_screenshot())
                device_id = str(service.camera.spec.device_id)
                assert width > 0
                assert (name, path) == (device_id, f"/{device_id}/")
                assert service.count_links() == 1

        host.call(run)


def wait_for_tiles(browser: Browser) -> list[tuple[int, str, str]]:
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        if tiles := browser.evaluate(LIVE_TILES):
            return [tuple(tile) for tile in tiles]
        time.sleep(0.05)
    raise AssertionError("no picture came")
