"""Numbers over HTTP: to who asks by our name, and nothing else."""

import http.client
from contextlib import closing

from v380cli.net.metrics_server import MetricsServer


def ask(server: MetricsServer, path: str, host: str = "localhost") -> tuple[int, bytes, str]:
    """The status, the body and the content type of the answer."""
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)) as connection:
        connection.request("GET", path, headers={"Host": host})
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers["Content-Type"]


def test_it_is_rendered_at_each_look() -> None:
    looks = iter((b"first", b"second"))
    with MetricsServer(lambda: next(looks), "127.0.0.1", 0) as server:
        for expected in (b"first", b"second"):
            kind = "text/plain; version=0.0.4; charset=utf-8"
            assert ask(server, "/metrics") == (200, expected, kind)
        assert ask(server, "/")[0] == 404


def test_a_foreign_page_gets_nothing() -> None:
    with MetricsServer(lambda: b"numbers", "127.0.0.1", 0) as server:
        assert ask(server, "/metrics", host="evil.example")[0] == 421
