"""URLs of media servers: taken apart, and shown without their secrets."""

import pytest

from v380cli.errors import InvalidInput
from v380cli.sinks.server import Server, parse_server

GOOD = {
    "rtsp://cam.example/porch": ("cam.example", 554, "rtsp://cam.example:554/porch"),
    "rtsp://u:s3cret@10.0.0.1:8554/a/b": ("10.0.0.1", 8554, "rtsp://10.0.0.1:8554/a/b"),
    "rtsps://[fe80::1]/x?key=s3cret": ("fe80::1", 322, "rtsps://[fe80::1]:322/x"),
    "rtmp://host/live/s3cret": ("host", 1935, "rtmp://host:1935/live/***"),
    "rtmps://host/live/a/s3cret?sign=s3cret": ("host", 443, "rtmps://host:443/live/***"),
    "rtmp://host/live": ("host", 1935, "rtmp://host:1935/live"),
    "srt://host:9000?passphrase=s3cretpass": ("host", 9000, "srt://host:9000"),
    "udp://239.1.2.3:5000": ("239.1.2.3", 5000, "udp://239.1.2.3:5000"),
}
BAD = [
    "",
    "porch",
    "http://host/s3cret",
    "RTSP//s3cret@host",
    "rtsp://",
    "rtsp://:8554/x",
    "rtsp://host:99999/s3cret",
    "rtsp://host:s3cret/",
    "rtsp://[::1/s3cret",
    "srt://host?passphrase=s3cret",
    "udp://host",
    "rtsp://host/a b/s3cret",
    "rtsp://host/\x1b[31ms3cret",
]


@pytest.mark.parametrize(("url", "expected"), GOOD.items(), ids=GOOD.keys())
def test_a_url_is_taken_apart(url: str, expected: tuple[str, int, str]) -> None:
    server = parse_server(url)
    assert (server.host, server.port, server.label) == expected
    assert server.url == url


@pytest.mark.parametrize("url", GOOD)
def test_nothing_secret_is_shown(url: str) -> None:
    server = parse_server(url)
    assert "s3cret" not in server.label
    assert "s3cret" not in repr(server)


@pytest.mark.parametrize("url", BAD)
def test_what_cannot_be_published_to_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_server(url)
    assert "s3cret" not in refused.value.message


def test_what_follows_the_question_mark_is_read() -> None:
    server: Server = parse_server("srt://host:1?streamid=publish%3Ax&passphrase=0123456789")
    assert server.arguments == {"streamid": "publish:x", "passphrase": "0123456789"}
