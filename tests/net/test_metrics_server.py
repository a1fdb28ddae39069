"""Numbers over HTTP: to who asks by our name, and nothing else."""

import http.client
from contextlib import closing

from v380cli.models import Secret
from v380cli.net.http_access import AccessRules
from v380cli.net.metrics_server import MetricsServer


def ask(
    server: MetricsServer, path: str, host: str = "localhost", token: str = ""
) -> tuple[int, bytes, str]:
    """The status, the body and the content type of the answer."""
    headers = {"Host": host, **({"Authorization": f"Bearer {token}"} if token else {})}
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)) as connection:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers["Content-Type"]


def test_it_is_rendered_at_each_look() -> None:
    looks = iter((b"first", b"second"))
    with MetricsServer(lambda: next(looks), AccessRules(host="127.0.0.1"), 0) as server:
        for expected in (b"first", b"second"):
            kind = "text/plain; version=0.0.4; charset=utf-8"
            assert ask(server, "/metrics") == (200, expected, kind)
        assert ask(server, "/")[0] == 404


def test_a_foreign_page_gets_nothing() -> None:
    with MetricsServer(lambda: b"numbers", AccessRules(host="127.0.0.1"), 0) as server:
        assert ask(server, "/metrics", host="evil.example")[0] == 421


def test_who_comes_shows_the_token() -> None:
    rules = AccessRules(host="127.0.0.1", token=Secret("a long token"))
    with MetricsServer(lambda: b"numbers", rules, 0) as server:
        assert ask(server, "/metrics")[0] == 401
        assert ask(server, "/metrics", token="another one")[0] == 401
        assert ask(server, "/metrics", token="a long token")[:2] == (200, b"numbers")
