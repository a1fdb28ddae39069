"""One source over HTTP: its page, its streams, its pictures."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from functools import partial
from importlib import resources
from typing import NamedTuple

from aiohttp import web

from v380cli.errors import InvalidInput, Refused
from v380cli.net.feeding import Waker, open_feed
from v380cli.net.live_source import Feed, LiveSource, Wake
from v380cli.text import parse_json

MAX_VIEWERS = 32  # of one source
FIRST_PICTURE_S = 8.0
LOOK_AGAIN_S = 0.1
DEFAULT_JPEG_FPS = 5.0
MIN_JPEG_FPS, MAX_JPEG_FPS = 0.1, 30.0
# A viewer that takes nothing for this long has gone, whatever its connection says.
STALLED_S = 60.0

PAGE = ("player.html", "style.css", "player.css", "waiting.js", "player.js", "controls.js")
MEDIA_TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript"}
_BOUNDARY = "picture"
MJPEG_TYPE = f"multipart/x-mixed-replace; boundary={_BOUNDARY}"


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


class CameraPages:
    """What there is under one path, which ends with a slash."""

    def __init__(self, source: LiveSource, waker: Waker) -> None:
        self._source = source
        self._waker = waker
        self._viewers = 0

    def add_routes(self, app: web.Application, path: str) -> None:
        """Answer there from now on."""
        add_files(app, path, PAGE)
        if path != "/":
            app.router.add_get(path.rstrip("/"), _add_slash)
        app.router.add_get(f"{path}stream.ts", self._serve_ts)
        app.router.add_get(f"{path}stream.mp4", self._serve_mp4)
        app.router.add_get(f"{path}stream.mjpeg", self._serve_mjpeg)
        app.router.add_get(f"{path}snapshot.jpg", self._serve_snapshot)
        app.router.add_get(f"{path}status.json", self._serve_status)
        app.router.add_post(f"{path}control", self._take_order)

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

    async def _take_order(self, request: web.Request) -> web.StreamResponse:
        """Have the camera do what `{"do": ...}` says; nobody knows whether it did."""
        order = _read_order(await request.read())
        with self._source.hold():
            await self._await_picture()
            try:
                await asyncio.to_thread(self._source.control, order)
            except InvalidInput as error:
                raise web.HTTPBadRequest(text=f"{error.message}\n") from None
            except Refused as error:
                raise web.HTTPConflict(text=f"{error.message}\n") from None
        return web.Response(status=204)

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
            wake = partial(self._waker.announce, is_news)
            feed, media_type = await open_feed(watch, wake, _close_feed)
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


async def _add_slash(request: web.Request) -> web.StreamResponse:
    path = request.rel_url.with_path(f"{request.path}/", keep_query=True)
    raise web.HTTPFound(path)


def add_files(app: web.Application, path: str, files: Sequence[str]) -> None:
    """Serve files of ours under `path`; what ends in .html is the page there."""
    for name in files:
        stem, _, ending = name.rpartition(".")
        if ending == "html":
            text = _read_file("index.html").replace("{name}", stem)
            text = text.replace("{content}", _read_file(name))
            app.router.add_get(path, _make_file_handler(text, ending))
        else:
            app.router.add_get(path + name, _make_file_handler(_read_file(name), ending))


def _read_file(name: str) -> str:
    return resources.files("v380cli.net").joinpath("page", name).read_text(encoding="utf-8")


def _make_file_handler(text: str, ending: str) -> Handler:
    async def serve(_request: web.Request) -> web.StreamResponse:
        return web.Response(text=text, content_type=MEDIA_TYPES[ending])

    return serve


def _read_order(body: bytes) -> str:
    try:
        document = parse_json(body)
    except ValueError:
        document = None
    if isinstance(document, dict) and isinstance(order := document.get("do"), str):
        return order
    raise web.HTTPBadRequest(text='an order is {"do": "left"}\n')


def _read_fps(request: web.Request) -> float:
    try:
        fps = float(request.query.get("fps", DEFAULT_JPEG_FPS))
    except ValueError:
        fps = 0.0
    if not MIN_JPEG_FPS <= fps <= MAX_JPEG_FPS:
        raise web.HTTPBadRequest(text=f"fps is {MIN_JPEG_FPS:g} to {MAX_JPEG_FPS:g}\n")
    return fps
