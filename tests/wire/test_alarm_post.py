"""Alarms as cameras post them: as the firmware's strings say, and whatever else may come."""

import base64
import contextlib
import hashlib
import json
from typing import Any

import pytest

from v380cli.errors import RemoteProtocolError
from v380cli.wire.alarm_post import (
    PICTURE_MAX_BYTES,
    AlarmPost,
    describe_body,
    encode_alarm,
    encode_answer,
    encode_server_list,
    parse_alarm,
    parse_answer,
    parse_server_list,
)

NUMBERS = {
    "alarm_id": 7,
    "alarm_level": 1,
    "alarm_time": 1764244800,
    "alarm_type": 2,
    "dev_id": 12345678,
}
MESSAGE = {"user": "admin", "pwd": "5f4dcc3b5aa765d61d8327deb882cf99"}
# Quotes, braces, stars and zeros: what ends a text ends no picture.
JPEG = b"\xff\xd8\xff\xe0" + b'***"}}\0"\\' + bytes(range(256)) + b"\xff\xd9"
ALARM = AlarmPost(device_id=12345678, kind=2, number=7, time=1764244800, level=1)


def sign(**changes: Any) -> str:
    """SHA-1 of what section 6 of PROTOCOL.md says, made apart from this project's code."""
    text = "&".join(f"{name}={value}" for name, value in {**NUMBERS, **changes}.items())
    return hashlib.sha1(f"{text}hongshipush".encode()).hexdigest()


def make_body(picture: str | None = None, signature: Any = "", **changes: Any) -> bytes:
    """A body that is signed as its numbers want it, unless told."""
    numbers = {**NUMBERS, **changes}
    document = {**numbers, "signature": signature or sign(**changes), "alarm_msg": MESSAGE}
    if picture is not None:
        document["alarm_picture"] = {"picture_size": len(picture), "picture_data": picture + "***"}
    return json.dumps(document).encode()


def test_a_message_is_read() -> None:
    assert parse_alarm(make_body()) == ALARM
    assert parse_alarm(make_body(dev_id="12345678")) == ALARM
    assert ALARM.kind_name == "motion"
    assert AlarmPost(device_id=1, kind=99, number=1, time=1).kind_name == "kind 99"


@pytest.mark.parametrize("encode", [base64.b64encode, lambda data: data.hex().encode()])
def test_a_picture_as_text_is_read(encode: Any) -> None:
    assert parse_alarm(make_body(encode(JPEG).decode())).picture == JPEG


def test_a_picture_whose_slashes_are_escaped_is_read() -> None:
    body = make_body(base64.b64encode(JPEG).decode())
    assert b"/" in body
    assert parse_alarm(body.replace(b"/", b"\\/")).picture == JPEG


@pytest.mark.parametrize("size", [len(JPEG), 0, 10**8])
def test_a_raw_picture_is_cut_out_by_its_size_or_its_end(size: int) -> None:
    body = encode_alarm(AlarmPost(**{**as_values(ALARM), "picture": JPEG}), MESSAGE)
    body = body.replace(b'"picture_size": %d' % len(JPEG), b'"picture_size": %d' % size)
    alarm = parse_alarm(body)
    assert (alarm.device_id, alarm.picture) == (12345678, JPEG)


def as_values(alarm: AlarmPost) -> dict[str, Any]:
    return {name: getattr(alarm, name) for name in ("device_id", "kind", "number", "time", "level")}


def test_what_is_no_picture_costs_the_picture_only() -> None:
    assert parse_alarm(make_body("hello")).picture == b""
    large = "ffd8" + "00" * PICTURE_MAX_BYTES
    assert parse_alarm(make_body(large)).picture == b""


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"a":' * 5000,
        make_body(signature="0" * 40),
        make_body(signature=7),
        make_body(signature="\ud800"),
        make_body(alarm_type=3, signature=sign()),
        make_body(dev_id=1 << 32),
        make_body(dev_id=True, signature=sign(dev_id=1)),
        make_body(dev_id=1.5, signature=sign(dev_id=1)),
        make_body()[:-1],
    ],
    ids=range(12),
)
def test_what_is_no_alarm_or_not_signed_is_refused(body: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        parse_alarm(body)


def test_any_cut_of_a_body_is_refused_or_read() -> None:
    body = encode_alarm(AlarmPost(**{**as_values(ALARM), "picture": JPEG}), MESSAGE)
    for end in range(len(body)):
        with contextlib.suppress(RemoteProtocolError):
            assert parse_alarm(body[:end]).device_id == ALARM.device_id
        describe_body(body[:end])


def test_no_answer_sets_the_camera_s_clock() -> None:
    for result in (1000, 1001):
        assert json.loads(encode_answer(result)) == {"result": result, "timestamp": 0}
        assert parse_answer(encode_answer(result)) == result


def test_alarms_are_sent_where_the_list_was_asked_for() -> None:
    body = encode_server_list("192.0.2.7", 8888)
    document = json.loads(body)
    assert document["result"] == 1000
    assert document["servers"] == document["ai_servers"] == [{"addr": "192.0.2.7", "port": 8888}]
    assert parse_server_list(body) == ("192.0.2.7", 8888)


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b'{"result": 1}', b'{"result": 1000, "servers": []}'),
        b'{"result": 1000, "servers": [{"addr": "192.0.2.7", "port": 65536}]}',
    ],
)
def test_what_is_no_list_is_refused(body: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        parse_server_list(body)


def test_a_body_that_is_nested_deeply_is_described_to_some_depth() -> None:
    told = json.dumps(describe_body(b'{"a": ' + b"[" * 800 + b"]" * 800 + b"}"))
    assert '"more"' in told
    assert len(told) < 200


def test_a_body_is_described_without_what_tells_whose_it_is() -> None:
    body = encode_alarm(AlarmPost(**{**as_values(ALARM), "picture": JPEG}), MESSAGE)
    for each in (body, make_body(), make_body(picture="/9j/4AAQ"), body[:-4], b'{"user": "admin"'):
        told = json.dumps(describe_body(each))
        for secret in ("12345678", "admin", MESSAGE["pwd"], sign(), "1764244800", "4AAQ"):
            assert secret not in told
    assert describe_body(make_body())["document"]["alarm_type"] == 2
    assert "ff d8 ff e0" in describe_body(body)["picture"]
