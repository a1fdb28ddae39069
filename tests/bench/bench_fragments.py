"""How fast fragments become frames, against a plain copy of the same bytes.

Run it with `python -m tests.bench.bench_fragments`; it prints one line.
"""

import time
from collections.abc import Callable

from v380cli.wire.fragment_record import encode_fragments
from v380cli.wire.fragments import FragmentAssembler
from v380cli.wire.live import FRAME_HEADER

FRAGMENT_BYTES = 500
FRAME_BYTES = 12_500  # of 720p at 15 frames a second and 1.5 Mbit/s
FRAMES = 400
CHUNK_BYTES = 1 << 16  # what a read from the socket brings at most
ROUNDS = 9


def make_chunks() -> list[bytes]:
    frames = (
        FRAME_HEADER.pack(number, 1, 15, 66 * number) + bytes(FRAME_BYTES - FRAME_HEADER.size)
        for number in range(FRAMES)
    )
    wire = b"".join(encode_fragments(frame, 1, FRAGMENT_BYTES) for frame in frames)
    return [wire[start : start + CHUNK_BYTES] for start in range(0, len(wire), CHUNK_BYTES)]


def assemble(chunks: list[bytes]) -> None:
    assembler = FragmentAssembler()
    for chunk in chunks:
        assembler.receive_data(chunk)
        while assembler.next_frame() is not None:
            pass


def copy(chunks: list[bytes]) -> None:
    for chunk in chunks:
        bytearray(chunk)


def measure(work: Callable[[list[bytes]], None], chunks: list[bytes]) -> float:
    """The best of some rounds, in seconds."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work(chunks)
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    chunks = make_chunks()
    assemble_s, copy_s = measure(assemble, chunks), measure(copy, chunks)
    rate = FRAMES * FRAME_BYTES / FRAGMENT_BYTES / assemble_s
    ratio = assemble_s / copy_s
    print(f"{rate / 1e6:.2f} million fragments/s, {ratio:.1f} times as long as a copy")


if __name__ == "__main__":
    main()
