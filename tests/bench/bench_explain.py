"""What `v380 capture explain` costs a large capture: CPU and memory, and whether its bar shows.

    python -m tests.bench.bench_explain [GB] [--profile FILE]

The capture is made up: a log-in, then one live stream as 2 Mbit/s of a camera look (12 pictures a
second, encrypted, in fragments of 1,000 bytes), over TCP in Ethernet. It lies in a temporary file
of that size, which is removed at the end.
"""

import argparse
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

from tests.cli import make_environment
from tests.explain.test_conversation import LOGIN, LOGIN_REPLY, OPEN, OPENED, TICKET
from tests.explain.wirelab import CLIENT, Wire
from tests.measured_run import run_measured
from tests.warm import COLD_V380
from v380cli.explain.capture_file import CaptureWriter
from v380cli.explain.packets import LINK_ETHERNET, Segment, encode_segment
from v380cli.wire.crypto import MediaCipher, media_key
from v380cli.wire.fragment_record import encode_fragments
from v380cli.wire.live import FRAME_HEADER, StreamStartRequest

GB = 1_000_000_000
MAX_GB = 20.0
FPS, GOP, FRAGMENT_BYTES = 12, 24, 1000
KEYFRAME = b"\0\0\0\1\x67\x4d\0\x1f" + b"\0\0\0\1\x68\xee\x3c" + b"\0\0\0\1\x65" + b"k" * 80_000
PICTURE = b"\0\0\0\1\x41" + b"p" * 18_000
CONTROL = re.compile(r"\x1b\[[?\d;]*[A-Za-z]")
START_S, START_MS = 1_000_000_000, 1_600_000_000_000


def make_frames() -> Iterator[bytes]:
    """The stream without an end, a picture at a time, as the camera cuts it up."""
    cipher = MediaCipher(media_key(TICKET))
    pictures = {kind: cipher.encrypt_video(each) for kind, each in enumerate((KEYFRAME, PICTURE))}
    for number in count():
        kind = int(number % GOP > 0)
        header = FRAME_HEADER.pack(number, kind, FPS, START_MS + number * 1000 // FPS)
        yield encode_fragments(header + pictures[kind], kind, FRAGMENT_BYTES)


def make_segments() -> Iterator[tuple[float, Segment]]:
    """When each passes, and what."""
    login = Wire(replace(CLIENT, port=CLIENT.port + 1))
    login.open().ask(LOGIN.encode()).answer(LOGIN_REPLY.encode()).close()
    wire = Wire().open().ask(OPEN.encode()).answer(OPENED.encode())
    wire.ask(StreamStartRequest().encode())
    yield from ((float(START_S), segment) for segment in login.segments)
    for number, data in enumerate(make_frames()):
        wire.answer(data)
        yield from ((START_S + number / FPS, segment) for segment in wire.segments)
        wire.segments.clear()


def write_capture(path: Path, size_bytes: int) -> None:
    """A pcapng file of about that size."""
    with path.open("wb") as file:
        writer = CaptureWriter(file, link=LINK_ETHERNET, program="bench")
        for number, (time_s, segment) in enumerate(make_segments()):
            writer.write_packet(time_s, encode_segment(segment, number))
            if writer.bytes_written >= size_bytes:
                return


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("gigabytes", nargs="?", type=float, default=2.0)
    parser.add_argument("--profile", type=Path)
    arguments = parser.parse_args()
    size_bytes = round(min(MAX_GB, arguments.gigabytes) * GB)
    with tempfile.TemporaryDirectory() as name:
        capture, told = Path(name) / "large.pcapng", Path(name) / "told"
        write_capture(capture, size_bytes)
        profiler = ["-m", "cProfile", "-o", str(arguments.profile)] if arguments.profile else []
        command = [sys.executable, *profiler, *COLD_V380[1:], "capture", "explain", str(capture)]
        env = make_environment(Path(name) / "data", {"TERM": "xterm"})
        done = run_measured(command, env, told)
        stream = told.read_text()
    print(stream)
    bars = re.findall(r"[^\r\n]*explained[^\r\n]*", done.screen.decode(errors="replace"))
    print(f"the bar was drawn {len(bars)} times; at last: {CONTROL.sub('', bars[-1])}")
    used_s = done.usage.ru_utime + done.usage.ru_stime
    print(
        f"exit {done.code}, {size_bytes / GB:g} GB: {used_s / (size_bytes / GB):.1f} CPU s a GB,"
        f" {done.usage.ru_maxrss >> 10} MiB at most"
    )


if __name__ == "__main__":
    main()
