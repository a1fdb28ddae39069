"""A port of HTTP that serves an application of aiohttp, from a thread of its own."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import closing
from typing import Self

from aiohttp import web

from v380cli.net.gate import Gate
from v380cli.net.listener import open_listener
from v380cli.net.loop_thread import LoopThread

STOP_S = 0.5  # twice, for those who take nothing
KEEP_ALIVE_S = 15.0

SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Server": "v380",  # and no versions
    "X-Content-Type-Options": "nosniff",
}
# aiohttp logs requests that it cannot read, and they could hold a token.
_engine_log = logging.getLogger(f"{__name__}.aiohttp")
_engine_log.disabled = True


class HttpPort:
    """Serves what `make_app` makes, inside a `with`; who connects is bounded by a `Gate`."""

    def __init__(self, host: str, port: int, make_app: Callable[[], web.Application]) -> None:
        """Open the port; NetworkError if that is not possible."""
        self._make_app = make_app
        self._sock = open_listener(host, port)
        self.number: int = self._sock.getsockname()[1]
        self._thread = LoopThread(self._serve, "v380-http")

    def __enter__(self) -> Self:
        self._thread.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections of those who are still there."""
        self._thread.__exit__()

    def trust(self, request: web.Request) -> None:
        """Let the connection of a request stay: it has shown that it may."""
        self._gate.trust(request.transport)

    async def _serve(self, is_stopping: asyncio.Event) -> None:
        app = self._make_app()
        app.on_response_prepare.append(_add_security_headers)
        runner = web.AppRunner(
            app,
            access_log=None,  # it would hold the token
            handler_cancellation=True,  # a viewer who goes while nothing comes is noticed
            shutdown_timeout=STOP_S,
            keepalive_timeout=KEEP_ALIVE_S,
            logger=_engine_log,
        )
        await runner.setup()
        try:
            assert runner.server
            self._gate = Gate(self._sock, runner.server)
            with closing(self._gate):
                await is_stopping.wait()
        finally:
            await runner.cleanup()


async def _add_security_headers(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(SECURITY_HEADERS)
