"""Sources over HTTP, for browsers and players."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import closing
from typing import Self

from aiohttp import web

from v380cli.errors import V380Error
from v380cli.net.feeding import Waker
from v380cli.net.gate import Gate
from v380cli.net.http_access import AccessRules
from v380cli.net.http_camera import CameraPages, Handler, add_files
from v380cli.net.listener import open_listener
from v380cli.net.live_source import LiveSource
from v380cli.net.loop_thread import LoopThread

STOP_S = 0.5  # twice, for those who take nothing
KEEP_ALIVE_S = 15.0

OVERVIEW = {
    "": ("overview.html", "text/html"),
    "style.css": ("style.css", "text/css"),
    "overview.css": ("overview.css", "text/css"),
    "overview.js": ("overview.js", "text/javascript"),
}
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
log = logging.getLogger(__name__)
# aiohttp logs requests that it cannot read, and they could hold a token.
_engine_log = logging.getLogger(f"{__name__}.aiohttp")
_engine_log.disabled = True


class HttpServer:
    """Serves sources from a thread of its own, inside a `with`.

    Each is under its path, which begins and ends with a slash; `/` is an overview where no source
    is.
    """

    def __init__(self, sources: Mapping[str, LiveSource], rules: AccessRules, port: int) -> None:
        """Open the port; NetworkError if that is not possible."""
        self._sources = sources
        self._rules = rules
        self._sock = open_listener(rules.host, port)
        self.port: int = self._sock.getsockname()[1]
        self._cookie = f"v380_{self.port}"  # browsers keep cookies by host, whatever the port
        self._thread = LoopThread(self._serve, "v380-http")

    def __enter__(self) -> Self:
        self._thread.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections of those who are still there."""
        self._thread.__exit__()

    async def _serve(self, is_stopping: asyncio.Event) -> None:
        runner = web.AppRunner(
            self._make_app(),
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

    def _make_app(self) -> web.Application:
        app = web.Application(middlewares=[self._guard])
        app.on_response_prepare.append(_add_security_headers)
        waker = Waker()
        for path, source in self._sources.items():
            CameraPages(source, waker).add_routes(app, path)
        if "/" not in self._sources:
            add_files(app, "/", OVERVIEW)
            app.router.add_get("/cameras.json", self._serve_list)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let in who may, leave a browser that showed the token its cookie, and keep bugs short."""
        if not self._rules.allows_host(request.headers.get("Host", "")):
            raise web.HTTPMisdirectedRequest(text="this server does not go by that name\n")
        shown = request.query.get("token", "")
        authorization = request.headers.get("Authorization", "")
        if not self._rules.allows(authorization, shown, request.cookies.get(self._cookie, "")):
            raise web.HTTPUnauthorized(
                text=self._rules.complaint, headers={"WWW-Authenticate": self._rules.challenge}
            )
        self._gate.trust(request.transport)
        try:
            response = await handler(request)
        except V380Error as error:
            raise web.HTTPServiceUnavailable(text=f"{error.message}\n") from error
        except (web.HTTPException, ConnectionError, TimeoutError):
            raise
        except Exception as error:  # its traceback could hold the token
            log.error("%s: %s", request.path, type(error).__name__)
            raise web.HTTPInternalServerError from None
        if self._rules.is_token(shown) and not response.prepared:
            response.set_cookie(self._cookie, shown, httponly=True, samesite="Strict")
        return response

    async def _serve_list(self, _request: web.Request) -> web.StreamResponse:
        documents = [{"path": path, **each.describe()} for path, each in self._sources.items()]
        return web.json_response(documents)


async def _add_security_headers(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(SECURITY_HEADERS)
