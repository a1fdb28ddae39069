"""Sources over HTTP, for browsers and players."""

import logging
from collections.abc import Mapping
from typing import Self

from aiohttp import web

from v380cli.errors import V380Error
from v380cli.net.feeding import Waker
from v380cli.net.http_access import AccessRules
from v380cli.net.http_camera import CameraPages, Handler, add_files
from v380cli.net.http_port import HttpPort
from v380cli.net.live_source import LiveSource

READING = {"GET", "HEAD", "OPTIONS"}
MAX_ORDER_BYTES = 1024

OVERVIEW = ("overview.html", "style.css", "overview.css", "waiting.js", "overview.js")
log = logging.getLogger(__name__)


class HttpServer:
    """Serves sources from a thread of its own, inside a `with`.

    Each is under its path, which begins and ends with a slash; `/` is an overview where no source
    is.
    """

    def __init__(self, sources: Mapping[str, LiveSource], rules: AccessRules, port: int) -> None:
        """Open the port; NetworkError if that is not possible."""
        self._sources = sources
        self._rules = rules
        self._port = HttpPort(rules.host, port, self._make_app)
        self.port = self._port.number
        self._cookie = f"v380_{self.port}"  # browsers keep cookies by host, whatever the port

    def __enter__(self) -> Self:
        self._port.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections of those who are still there."""
        self._port.__exit__()

    def _make_app(self) -> web.Application:
        app = web.Application(middlewares=[self._guard], client_max_size=MAX_ORDER_BYTES)
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
        is_change = request.method not in READING and not request.match_info.http_exception
        if is_change and not self._rules.allows_change(request.headers):
            raise web.HTTPForbidden(text="only our own page may ask for that, with JSON\n")
        self._port.trust(request)
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
