"""Every message that there is, known by its class: round trip, garbage, and text that is clean."""

import dataclasses
import unicodedata
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from random import Random

import pytest

import v380cli.wire
from v380cli.errors import RemoteProtocolError
from v380cli.wire.layout import Message

for module in Path(v380cli.wire.__file__).parent.glob("[a-z]*.py"):
    import_module(f"v380cli.wire.{module.stem}")


def list_messages(base: type[Message] = Message) -> Iterator[type[Message]]:
    for message in base.__subclasses__():
        yield from list_messages(message)
        if hasattr(message, "SIZE"):
            yield message


# by name: a dataclass with slots leaves the class without them behind
MESSAGES = [message for _, message in sorted({m.__name__: m for m in list_messages()}.items())]


def has_date(message: type[Message]) -> bool:
    """Whether it holds a date, which few bytes are; such messages have tests of their own."""
    try:
        message.decode(bytes(message.SIZE))
    except RemoteProtocolError:
        return True
    return False


each_message = pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.__name__)


def test_all_messages_are_found() -> None:
    names = {message.__name__ for message in MESSAGES}
    assert {"LoginRequest", "LoginReply", "StreamLoginReply", "FrameHeader"} <= names


@each_message
def test_any_bytes_are_decoded_clean_or_refused(message: type[Message]) -> None:
    random = Random(message.__name__)
    for _ in range(30):
        size = random.choice((message.SIZE, message.SIZE + 1, random.randrange(1024)))
        try:
            decoded = message.decode(random.randbytes(size))
        except RemoteProtocolError:
            continue
        for field in dataclasses.fields(decoded):
            value = getattr(decoded, field.name)
            if isinstance(value, str):
                assert not [c for c in value if unicodedata.category(c)[0] == "C"]


@pytest.mark.parametrize("message", [m for m in MESSAGES if not has_date(m)])
def test_what_was_decoded_is_encoded_to_the_same_fields(message: type[Message]) -> None:
    random = Random(message.__name__)
    for _ in range(20):
        raw = bytes(byte & 0x7F for byte in random.randbytes(message.SIZE))
        first = message.decode(raw)
        encoded = first.encode()
        assert len(encoded) == message.SIZE
        assert message.decode(encoded) == first
