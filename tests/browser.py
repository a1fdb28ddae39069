"""A real browser without a window, driven through its DevTools protocol."""

import asyncio
import base64
import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from typing import Any

import aiohttp

from tests.lan import Host

CHROMIUM = "chromium"
END_TIMEOUT_S = 60.0
# The namespace alone keeps it from the network; the rest keeps it from trying.
OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--autoplay-policy=no-user-gesture-required",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-pings",
    "--remote-debugging-port=0",
)


class Browser:
    """A page in a browser; all in the namespace that the browser is in, and in one thread."""

    def __init__(self, port: int) -> None:
        self._runner = asyncio.Runner()
        self._count = 0
        self._runner.run(self._connect(port))

    def show(self, url: str, width: int, height: int, scale: float = 1.0) -> None:
        """Go to a page, in a window of this size."""
        size = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": False}
        self.command("Emulation.setDeviceMetricsOverride", **size)
        self.command("Page.navigate", url=url)

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page; promises are awaited."""
        options = {"expression": expression, "returnByValue": True, "awaitPromise": True}
        answer = self.command("Runtime.evaluate", **options)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def take_screenshot(self) -> bytes:
        """What the window shows, as PNG."""
        return base64.b64decode(self.command("Page.captureScreenshot")["data"])

    def command(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Have the browser do something; its DevTools have a page on every method."""
        return self._runner.run(self._command(method, parameters))

    def close(self) -> None:
        self._runner.run(self._session.close())
        self._runner.close()

    async def _connect(self, port: int) -> None:
        self._session = aiohttp.ClientSession()
        async with self._session.get(f"http://127.0.0.1:{port}/json/list") as response:
            targets = await response.json()
        address = next(t["webSocketDebuggerUrl"] for t in targets if t["type"] == "page")
        self._socket = await self._session.ws_connect(address, max_msg_size=0)

    async def _command(self, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
        self._count += 1
        await self._socket.send_json({"id": self._count, "method": method, "params": parameters})
        while (answer := await self._socket.receive_json()).get("id") != self._count:
            pass  # something that happened in the page
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result


@contextlib.contextmanager
def open_browser(host: Host) -> Iterator[Browser]:
    """A browser on this host, with an empty page."""
    # A browser that is ended leaves things in TMPDIR, and its sockets there need a short name.
    with tempfile.TemporaryDirectory(prefix="v380t-", ignore_cleanup_errors=True) as folder:
        command = [CHROMIUM, *OPTIONS, f"--user-data-dir={folder}/profile", "about:blank"]
        environment = os.environ | {"TMPDIR": folder}
        process = host.start(command, stderr=subprocess.PIPE, env=environment)
        try:
            with contextlib.closing(Browser(_read_port(process))) as browser:
                yield browser
        finally:
            process.terminate()
            process.communicate(timeout=END_TIMEOUT_S)


def _read_port(process: "subprocess.Popen[str]") -> int:
    assert process.stderr
    for line in process.stderr:
        if "DevTools listening on" in line:
            return int(line.rpartition(":")[2].partition("/")[0])
    raise AssertionError("the browser did not start")


def find_obstacle() -> str:
    """Why there is no browser; empty if there is one."""
    return "" if shutil.which(CHROMIUM) else "chromium is not installed"
