"""A capture that is much larger than what may be held of it."""

import tracemalloc
from collections.abc import Iterator

from tests.explain.test_conversation import make_stream, open_live
from tests.explain.wirelab import make_packets
from v380cli.explain.capture_file import RawPacket
from v380cli.explain.explainer import Explainer
from v380cli.redaction import Redactor

HELD_BYTES = 3 << 19
CAPTURE_BYTES = 3 << 20


def make_long_capture() -> Iterator[RawPacket]:
    """One stream, made as it is asked for."""
    wire, stream = open_live(b""), make_stream(60)
    said = 0
    while said < CAPTURE_BYTES:
        yield from make_packets(wire.segments)
        wire.segments.clear()
        wire.answer(stream)
        said += len(stream)
    yield from make_packets(wire.segments)


def test_memory_is_bounded() -> None:
    explainer = Explainer(Redactor())
    tracemalloc.start()
    try:
        size = sum(event.size for event in explainer.explain(make_long_capture()))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size >= CAPTURE_BYTES
    assert peak < HELD_BYTES
