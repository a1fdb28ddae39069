"""Numbers over HTTP, for Prometheus and what reads its text."""

import asyncio
from collections.abc import Callable
from typing import Self

from aiohttp import web

from v380cli.net.http_access import AccessRules
from v380cli.net.http_port import HttpPort

PATH = "/metrics"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class MetricsServer:
    """Serves at `/metrics` what `render` gives, to whom the rules let in, inside a `with`."""

    def __init__(self, render: Callable[[], bytes], rules: AccessRules, port: int) -> None:
        """Open the port; NetworkError if that is not possible."""
        self._render = render
        self._rules = rules
        self._port = HttpPort(rules.host, port, self._make_app)
        self.port = self._port.number

    def __enter__(self) -> Self:
        self._port.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections of those who are still there."""
        self._port.__exit__()

    def _make_app(self) -> web.Application:
        app = web.Application()
        app.router.add_get(PATH, self._serve)
        return app

    async def _serve(self, request: web.Request) -> web.Response:
        if not self._rules.allows_host(request.headers.get("Host", "")):
            raise web.HTTPMisdirectedRequest(text="this server does not go by that name\n")
        if not self._rules.allows(request.headers.get("Authorization", "")):
            raise web.HTTPUnauthorized(
                text=self._rules.complaint, headers={"WWW-Authenticate": self._rules.challenge}
            )
        self._port.trust(request)
        body = await asyncio.to_thread(self._render)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE})
