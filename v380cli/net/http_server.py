"""A live stream over HTTP, for browsers and players; the only owner of aiohttp."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import closing
from importlib import resources
from typing import NamedTuple, Self

from aiohttp import web

from v380cli.errors import V380Error
from v380cli.net.feeding import open_feed
from v380cli.net.gate import Gate
from v380cli.net.http_access import AccessRules, parse_bearer
from v380cli.net.listener import open_listener
from v380cli.net.live_source import Feed, LiveSource, Wake
from v380cli.net.loop_thread import LoopThread

MAX_VIEWERS = 32
FIRST_PICTURE_S = 8.0
LOOK_AGAIN_S = 0.1
DEFAULT_JPEG_FPS = 5.0
MIN_JPEG_FPS, MAX_JPEG_FPS = 0.1, 30.0
# A viewer that takes nothing for this long has gone, whatever its connection says.
STALLED_S = 60.0
STOP_S = 0.5  # twice, for those who take nothing
KEEP_ALIVE_S = 15.0

PAGE = {
    "/": ("index.html", "text/html"),
    "/style.css": ("style.css", "text/css"),
    "/player.js": ("player.js", "text/javascript"),
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
_BOUNDARY = "picture"
MJPEG_TYPE = f"multipart/x-mixed-replace; boundary={_BOUNDARY}"

log = logging.getLogger(__name__)
# aiohttp logs requests that it cannot read, and they could hold a token.
_engine_log = logging.getLogger(f"{__name__}.aiohttp")
_engine_log.disabled = True


def _frame_part(picture: bytes) -> bytes:
    """A part of multipart/x-mixed-replace, and the boundary after it: browsers wait for that."""
    head = f"Content-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
    return head.encode() + picture + f"\r\n--{_BOUNDARY}\r\n".encode()


class Framing(NamedTuple):
    """What a response begins with, and how each piece of it is wrapped."""

    prologue: bytes = b""
    frame: Callable[[bytes], bytes] = bytes


PLAIN = Framing()
MULTIPART = Framing(f"--{_BOUNDARY}\r\n".encode(), _frame_part)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


Watch = Callable[[Wake], tuple[Feed, str]]


class HttpServer:
    """Serves a source from a thread of its own, inside a `with`."""

    def __init__(self, source: LiveSource, rules: AccessRules, port: int) -> None:
        """Open the port; NetworkError if that is not possible."""
        self._source = source
        self._rules = rules
        self._sock = open_listener(rules.host, port)
        self.port: int = self._sock.getsockname()[1]
        self._cookie = f"v380_{self.port}"  # browsers keep cookies by host, whatever the port
        self._viewers = 0
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
        for path, (name, media_type) in PAGE.items():
            app.router.add_get(path, _make_file_handler(name, media_type))
        app.router.add_get("/stream.ts", self._serve_ts)
        app.router.add_get("/stream.mp4", self._serve_mp4)
        app.router.add_get("/stream.mjpeg", self._serve_mjpeg)
        app.router.add_get("/snapshot.jpg", self._serve_snapshot)
        app.router.add_get("/status.json", self._serve_status)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let in who may, leave a browser that showed the token its cookie, and keep bugs short."""
        if not self._rules.allows_host(request.headers.get("Host", "")):
            raise web.HTTPMisdirectedRequest(text="this server does not go by that name\n")
        shown = request.query.get("token", "")
        bearer = parse_bearer(request.headers.get("Authorization", ""))
        if not self._rules.allows_token(shown, bearer, request.cookies.get(self._cookie, "")):
            raise web.HTTPUnauthorized(
                text="the token is missing or wrong\n", headers={"WWW-Authenticate": "Bearer"}
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

    async def _serve_ts(self, request: web.Request) -> web.StreamResponse:
        with self._source.hold():
            await self._await_picture()
            return await self._stream(request, self._source.watch_ts)

    async def _serve_mp4(self, request: web.Request) -> web.StreamResponse:
        with self._source.hold():
            await self._await_picture()
            return await self._stream(request, self._source.watch_mp4)

    async def _serve_mjpeg(self, request: web.Request) -> web.StreamResponse:
        fps = _read_fps(request)

        def watch(wake: Wake) -> tuple[Feed, str]:
            return self._source.watch_pictures(fps, wake), MJPEG_TYPE

        with self._source.hold():
            await self._await_picture()
            return await self._stream(request, watch, MULTIPART)

    async def _serve_snapshot(self, _request: web.Request) -> web.StreamResponse:
        with self._source.hold():
            await self._await_picture()
            picture = await asyncio.to_thread(self._source.take_snapshot)
        return web.Response(body=picture, content_type="image/jpeg")

    async def _serve_status(self, _request: web.Request) -> web.StreamResponse:
        return web.json_response(self._source.describe())

    async def _await_picture(self) -> None:
        """Wait for the first picture ever; later on viewers are let in while the camera is away."""
        try:
            async with asyncio.timeout(FIRST_PICTURE_S):
                while not self._source.is_ready():
                    await asyncio.sleep(LOOK_AGAIN_S)
        except TimeoutError:
            raise web.HTTPServiceUnavailable(text="the camera has shown no picture yet\n") from None

    async def _stream(
        self, request: web.Request, watch: Watch, framing: Framing = PLAIN
    ) -> web.StreamResponse:
        """Send a viewer what its feed gives until one of the two ends."""
        if self._viewers >= MAX_VIEWERS:
            raise web.HTTPServiceUnavailable(text=f"{MAX_VIEWERS} are watching already\n")
        self._viewers += 1
        transport = request.transport
        try:
            is_news = asyncio.Event()
            feed, media_type = await open_feed(watch, is_news, _close_feed)
            with closing(feed):
                response = web.StreamResponse(headers={"Content-Type": media_type})
                await response.prepare(request)
                if request.method != "HEAD":
                    await _pump(feed, is_news, response, framing)
            return response
        except (TimeoutError, asyncio.CancelledError):
            if transport:
                transport.abort()  # who takes nothing would not take the end, either
            raise
        finally:
            self._viewers -= 1


def _close_feed(opened: tuple[Feed, str]) -> None:
    opened[0].close()


async def _pump(
    feed: Feed, is_news: asyncio.Event, response: web.StreamResponse, framing: Framing
) -> None:
    """Write what the feed gives; a viewer who takes nothing waits here, and holds nobody up."""
    await response.write(framing.prologue)
    while (data := feed.take()) is not None:
        if data:
            async with asyncio.timeout(STALLED_S):
                await response.write(framing.frame(data))
        else:
            await is_news.wait()
            is_news.clear()


def _make_file_handler(name: str, media_type: str) -> Handler:
    text = resources.files("v380cli.net").joinpath("page", name).read_text(encoding="utf-8")

    async def serve(_request: web.Request) -> web.StreamResponse:
        return web.Response(text=text, content_type=media_type)

    return serve


async def _add_security_headers(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(SECURITY_HEADERS)


def _read_fps(request: web.Request) -> float:
    try:
        fps = float(request.query.get("fps", DEFAULT_JPEG_FPS))
    except ValueError:
        fps = 0.0
    if not MIN_JPEG_FPS <= fps <= MAX_JPEG_FPS:
        raise web.HTTPBadRequest(text=f"fps is {MIN_JPEG_FPS:g} to {MAX_JPEG_FPS:g}\n")
    return fps
