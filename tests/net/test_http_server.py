"""The HTTP server with a source made of nothing: who gets what, and who is kept out."""

import contextlib
import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.net import fake_source
from tests.net.fake_source import TIMEOUT_S, FakeFeed, FakeSource
from v380cli.errors import InvalidInput, MediaError, NetworkError, Refused, V380Error
from v380cli.models import Secret
from v380cli.net import http_camera
from v380cli.net.http_access import AccessRules
from v380cli.net.http_server import HttpServer
from v380cli.net.live_source import Wake

TOKEN = "a-token-of-the-tests"
FILES = ["/", "/style.css", "/player.css", "/player.js", "/controls.js", "/waiting.js"]
PATHS = [*FILES, "/status.json", "/snapshot.jpg"]
STREAMS = {
    "/stream.ts": fake_source.TS_TYPE,
    "/stream.mp4": fake_source.MP4_TYPE,
    "/stream.mjpeg": "multipart/x-mixed-replace; boundary=picture",
}


@pytest.fixture
def source() -> FakeSource:
    return FakeSource()


@pytest.fixture
def server(source: FakeSource) -> Iterator[HttpServer]:
    with HttpServer({"/": source}, AccessRules(host="127.0.0.1"), 0) as server:
        yield server


@pytest.fixture
def locked(source: FakeSource) -> Iterator[HttpServer]:
    rules = AccessRules(host="127.0.0.1", token=Secret(TOKEN))
    with HttpServer({"/": source}, rules, 0) as server:
        yield server


def fetch(
    server: HttpServer,
    path: str,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    body: bytes | None = None,
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=TIMEOUT_S)
    try:
        connection.request(method, path, body, headers=headers or {})
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def connect(server: HttpServer, path: str) -> socket.socket:
    """A viewer who has asked and reads nothing."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.settimeout(TIMEOUT_S)
    sock.connect(("127.0.0.1", server.port))
    sock.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    return sock


@pytest.mark.parametrize("path", [*PATHS, *STREAMS])
def test_every_answer_keeps_browsers_safe(server: HttpServer, path: str) -> None:
    response, body = fetch(server, path)
    assert response.status == 200
    assert body
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/nothing", "GET", 404),
        ("/page/../../models.py", "GET", 404),
        ("/stream.ts", "POST", 405),
        ("/", "DELETE", 405),
        ("/stream.mjpeg?fps=0", "GET", 400),
        ("/stream.mjpeg?fps=nan", "GET", 400),
        ("/stream.mjpeg?fps=many", "GET", 400),
    ],
)
def test_what_makes_no_sense_is_refused(
    server: HttpServer, path: str, method: str, status: int
) -> None:
    response, _ = fetch(server, path, method)
    assert response.status == status
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", [*PATHS, *STREAMS])
def test_a_head_has_no_body(server: HttpServer, source: FakeSource, path: str) -> None:
    response, body = fetch(server, path, "HEAD")
    assert (response.status, body) == (200, b"")
    source.wait_for_viewers(0)


@pytest.mark.parametrize(("path", "media_type"), STREAMS.items())
def test_a_stream_says_what_it_is(server: HttpServer, path: str, media_type: str) -> None:
    response, body = fetch(server, path)
    assert response.headers["Content-Type"] == media_type
    assert b"first " in body
    assert body.index(b"second") > body.index(b"first")


def test_pictures_come_in_parts_that_a_browser_shows_at_once(
    server: HttpServer, source: FakeSource
) -> None:
    _, body = fetch(server, "/stream.mjpeg?fps=2.5")
    assert body == (
        b"--picture\r\nContent-Type: image/jpeg\r\nContent-Length: 6\r\n\r\nfirst \r\n"
        b"--picture\r\nContent-Type: image/jpeg\r\nContent-Length: 6\r\n\r\nsecond\r\n"
        b"--picture\r\n"
    )
    assert source.fps == 2.5


def test_the_page_uses_nothing_from_elsewhere(server: HttpServer) -> None:
    for path in FILES:
        _, body = fetch(server, path)
        assert b"//" not in body.replace(b"// ", b"").replace(b"/** ", b"")
        assert b"style=" not in body
        assert b"onclick" not in body


def test_a_stream_that_pauses_goes_on(server: HttpServer, source: FakeSource) -> None:
    source.pieces = [b"now"]
    with connect(server, "/stream.ts") as sock, sock.makefile("rb") as reader:
        read_until(reader, b"now")
        source.feeds[0].add(b"later")
        read_until(reader, b"later")


def test_who_goes_while_nothing_comes_is_forgotten(server: HttpServer, source: FakeSource) -> None:
    source.pieces = [b"now"]
    with connect(server, "/stream.ts") as sock, sock.makefile("rb") as reader:
        read_until(reader, b"now")
    source.wait_for_viewers(0)


def test_who_takes_nothing_is_sent_away(
    server: HttpServer, source: FakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_camera, "STALLED_S", 0.1)
    source.pieces = [bytes(1 << 20)] * 8
    with connect(server, "/stream.ts"):
        source.wait_for_viewers(1)
        source.wait_for_viewers(0)
    assert fetch(server, "/status.json")[0].status == 200


def test_the_number_of_viewers_is_capped(
    server: HttpServer, source: FakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_camera, "MAX_VIEWERS", 2)
    source.pieces = []
    with connect(server, "/stream.ts"), connect(server, "/stream.mp4"):
        source.wait_for_viewers(2)
        assert fetch(server, "/stream.ts")[0].status == 503
        assert fetch(server, "/status.json")[0].status == 200
    source.wait_for_viewers(0)
    source.pieces = [None]
    while fetch(server, "/stream.ts")[0].status == 503:  # a moment after the feed is closed
        pass


def test_the_first_picture_is_waited_for_but_not_for_ever(
    server: HttpServer, source: FakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_camera, "FIRST_PICTURE_S", 0.2)
    source.has_started = False
    assert fetch(server, "/snapshot.jpg")[0].status == 503
    monkeypatch.setattr(http_camera, "FIRST_PICTURE_S", TIMEOUT_S)
    later = threading.Timer(0.2, setattr, (source, "has_started", True))
    later.start()
    assert fetch(server, "/snapshot.jpg")[1] == b"a jpeg"
    later.join()


def test_a_picture_that_cannot_be_made_is_told(server: HttpServer, source: FakeSource) -> None:
    source.picture = MediaError("it cannot be decoded")
    response, body = fetch(server, "/snapshot.jpg")
    assert (response.status, body) == (503, b"it cannot be decoded\n")


def test_a_bug_is_not_told_to_strangers(
    locked: HttpServer, source: FakeSource, caplog: pytest.LogCaptureFixture
) -> None:
    source.picture = RuntimeError("inside")
    response, body = fetch(locked, f"/snapshot.jpg?token={TOKEN}")
    assert response.status == 500
    assert b"inside" not in body
    assert caplog.messages == ["/snapshot.jpg: RuntimeError"]


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ("", {}, 401),
        ("?token=wrong", {}, 401),
        (f"?token={TOKEN}", {}, 200),
        ("", {"Authorization": f"Bearer {TOKEN}"}, 200),
        ("", {"Authorization": "Bearer wrong"}, 401),
        ("", {"Authorization": f"Basic {TOKEN}"}, 401),
        ("", {"Cookie": "v380_PORT=" + TOKEN}, 200),
        ("", {"Cookie": "v380_1=" + TOKEN}, 401),
        ("", {"Cookie": "v380_PORT=wrong"}, 401),
        ("?token=wrong", {"Cookie": "v380_PORT=" + TOKEN}, 200),
        (f"?token={TOKEN}", {"Host": "evil.example"}, 421),
    ],
)
def test_a_token_is_asked_for_everywhere(
    locked: HttpServer, query: str, headers: dict[str, str], status: int
) -> None:
    headers = {name: value.replace("PORT", str(locked.port)) for name, value in headers.items()}
    for path in [*PATHS, *STREAMS]:
        assert fetch(locked, path + query, headers=headers)[0].status == status, path


def test_a_browser_that_showed_the_token_gets_a_cookie(locked: HttpServer) -> None:
    response, _ = fetch(locked, f"/?token={TOKEN}")
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith(f"v380_{locked.port}={TOKEN};")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Set-Cookie" not in fetch(locked, "/", headers={"Cookie": cookie})[0].headers


def test_a_server_without_a_token_makes_no_cookie(server: HttpServer) -> None:
    assert "Set-Cookie" not in fetch(server, "/?token=something")[0].headers


def test_nonsense_is_answered_and_not_logged(
    locked: HttpServer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    for nonsense in (f"GET /?token={TOKEN}\0 HTTP/9.9\r\n\r\n", "\x16\x03\x01", "G" * 20_000):
        with socket.create_connection(("127.0.0.1", locked.port), TIMEOUT_S) as sock:
            sock.sendall(nonsense.encode())
            sock.shutdown(socket.SHUT_WR)
            while sock.recv(4096):
                pass
    assert fetch(locked, f"/?token={TOKEN}")[0].status == 200
    assert TOKEN not in caplog.text
    assert capfd.readouterr() == ("", "")


def test_the_end_does_not_wait_for_those_who_watch(
    source: FakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_camera, "STALLED_S", 10 * TIMEOUT_S)
    source.pieces = [bytes(1 << 20)] * 8
    with HttpServer({"/": source}, AccessRules(host="127.0.0.1"), 0) as server:
        stalled = connect(server, "/stream.ts")
        source.wait_for_viewers(1)
        source.pieces = []
        idle = connect(server, "/stream.mp4")
        source.wait_for_viewers(2)
        started_s = time.monotonic()
    assert time.monotonic() - started_s < TIMEOUT_S
    assert source.feeds == []
    stalled.close()
    idle.close()


def test_a_port_that_is_taken_is_told(server: HttpServer, source: FakeSource) -> None:
    with pytest.raises(NetworkError, match=r"cannot serve on 127\.0\.0\.1"):
        HttpServer({"/": source}, AccessRules(host="127.0.0.1"), server.port)


def test_the_status_is_json(server: HttpServer) -> None:
    assert json.loads(fetch(server, "/status.json")[1]) == {"name": "porch"}


def read_until(reader: Any, wanted: bytes) -> None:
    """Read chunk by chunk until it comes."""
    seen = b""
    while wanted not in seen:
        piece = reader.read1(4096)
        assert piece, "the connection ended"
        seen += piece


# -- controls ------------------------------------------------------------------------------------

JSON = {"Content-Type": "application/json"}
LEFT = b'{"do": "left"}'


def order(
    server: HttpServer, body: bytes = LEFT, headers: dict[str, str] | None = None, path: str = "/"
) -> tuple[int, bytes]:
    response, text = fetch(server, f"{path}control", "POST", JSON | (headers or {}), body)
    return response.status, text


def test_an_order_reaches_the_camera_which_is_held_for_it(
    server: HttpServer, source: FakeSource
) -> None:
    for headers in (
        {},
        {"Origin": f"http://127.0.0.1:{server.port}"},
        {"Origin": "https://cameras.example", "Sec-Fetch-Site": "same-origin"},  # by a proxy
    ):
        assert order(server, headers=headers) == (204, b"")
    assert source.orders == [("left", 1)] * 3
    source.wait_for_holders(0)


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Origin": "http://elsewhere.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_other_web_pages_control_nothing(
    server: HttpServer, source: FakeSource, headers: dict[str, str]
) -> None:
    assert order(server, headers=headers)[0] == 403
    assert source.orders == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        *((body, 400) for body in (b"", b"left", b"\xff", b"[]", b'{"do": 1}', b"[" * 1000)),
        (b" " * 2000 + LEFT, 413),
    ],
)
def test_orders_that_make_no_sense_are_refused(
    server: HttpServer, source: FakeSource, body: bytes, status: int
) -> None:
    assert order(server, body)[0] == status
    assert source.orders == []


@pytest.mark.parametrize(
    ("refusal", "status"),
    [(InvalidInput("no such word"), 400), (Refused("no PTZ"), 409), (NetworkError("away"), 503)],
)
def test_why_an_order_is_not_sent_is_told(
    server: HttpServer, source: FakeSource, refusal: V380Error, status: int
) -> None:
    source.refusal = refusal
    assert order(server) == (status, f"{refusal.message}\n".encode())


def test_controls_need_the_token_like_the_rest(locked: HttpServer, source: FakeSource) -> None:
    assert order(locked)[0] == 401
    assert order(locked, headers={"Authorization": "Bearer wrong"})[0] == 401
    assert order(locked, headers={"Authorization": f"Bearer {TOKEN}"})[0] == 204
    assert len(source.orders) == 1


def test_an_order_cannot_be_a_link(server: HttpServer, source: FakeSource) -> None:
    assert fetch(server, "/control?do=left")[0].status == 405
    assert source.orders == []


# -- several sources ----------------------------------------------------------------------------


def test_each_source_is_under_its_path_and_all_are_in_the_overview() -> None:
    porch, small = FakeSource(), FakeSource()
    small.picture = b"a small jpeg"
    sources = {"/porch/": porch, "/porch/sd/": small}
    with HttpServer(sources, AccessRules(host="127.0.0.1"), 0) as server:
        assert fetch(server, "/porch/snapshot.jpg")[1] == b"a jpeg"
        assert fetch(server, "/porch/sd/snapshot.jpg")[1] == b"a small jpeg"
        assert fetch(server, "/porch/stream.ts")[1] == b"first second"
        assert b"player.js" in fetch(server, "/porch/")[1]
        assert b"overview.js" in fetch(server, "/")[1]
        for path in ("/overview.js", "/overview.css", "/style.css", "/porch/player.js"):
            assert fetch(server, path)[0].status == 200
        assert order(server, path="/porch/sd/") == (204, b"")
        assert (len(porch.orders), len(small.orders)) == (0, 1)
        response, _ = fetch(server, "/porch?fps=1")
        assert (response.status, response.headers["Location"]) == (302, "/porch/?fps=1")
        assert fetch(server, "/yard/")[0].status == 404
        assert json.loads(fetch(server, "/cameras.json")[1]) == [
            {"path": "/porch/", "name": "porch"},
            {"path": "/porch/sd/", "name": "porch"},
        ]
    assert (porch.holders, small.holders) == (0, 0)


class SlowSource(FakeSource):
    """A camera that is away: whoever comes waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self.is_back = threading.Event()

    def watch_ts(self, wake: Wake) -> tuple[FakeFeed, str]:
        self.is_back.wait(2 * TIMEOUT_S)
        return super().watch_ts(wake)


def test_those_who_wait_for_one_camera_keep_nobody_from_another(source: FakeSource) -> None:
    slow, rules = SlowSource(), AccessRules(host="127.0.0.1")
    with (
        HttpServer({"/slow/": slow, "/porch/": source}, rules, 0) as server,
        contextlib.ExitStack() as waiting,
    ):
        waiting.callback(slow.is_back.set)
        for _ in range(http_camera.MAX_VIEWERS):
            waiting.enter_context(connect(server, "/slow/stream.ts"))
        slow.wait_for_holders(http_camera.MAX_VIEWERS)
        assert fetch(server, "/porch/snapshot.jpg")[1] == source.picture


def test_a_source_is_held_while_it_is_watched(server: HttpServer, source: FakeSource) -> None:
    source.pieces = [b"now"]
    with connect(server, "/stream.ts") as sock, sock.makefile("rb") as reader:
        read_until(reader, b"now")
        assert source.holders == 1
    source.wait_for_holders(0)


def test_what_keeps_a_source_from_being_opened_is_told(
    server: HttpServer, source: FakeSource
) -> None:
    source.failure = NetworkError("the camera is off")
    for path in STREAMS:
        assert fetch(server, path)[0].status == 503
    assert fetch(server, "/snapshot.jpg")[1] == b"the camera is off\n"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Basic dmlld2VyOmEtdG9rZW4tb2YtdGhlLXRlc3Rz"}, 200),
        ({"Authorization": f"Bearer {TOKEN}"}, 401),
        ({"Cookie": f"v380_PORT={TOKEN}"}, 401),
    ],
)
def test_a_user_has_a_password(source: FakeSource, headers: dict[str, str], status: int) -> None:
    rules = AccessRules(host="127.0.0.1", token=Secret(TOKEN), username="viewer")
    with HttpServer({"/porch/": source}, rules, 0) as server:
        for path in ("/", "/cameras.json", "/porch/", f"/porch/snapshot.jpg?token={TOKEN}"):
            named = {k: v.replace("PORT", str(server.port)) for k, v in headers.items()}
            response, _ = fetch(server, path, headers=named)
            assert response.status == status
            assert "Set-Cookie" not in response.headers
