"""Download speed against a bare socket, and memory over a large recording.

    python tests/bench/bench_download.py [GIGABYTES [RECORDINGS]]

A server of its own sends one recording in the segment protocol as fast as it is read: 720p at
1.5 Mbit/s, packets of 1400 bytes, an acknowledgement every 100. The bare socket reads the same
bytes and answers as often, without looking at them. Both readers are a process of their own and
run in turn. Wanted: 0.8 of the bare socket up to 100 MB/s, and memory flat within 20 MB: the last
line has the memory after each of RECORDINGS of so many GIGABYTES, fetched one after the other. What
grows is the index of an MP4, six megabytes for each gigabyte of one recording, and goes with it.
"""

import datetime as dt
import os
import socket
import statistics
import struct
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from v380cli.camera.access import Access
from v380cli.camera.fetch import Fetcher
from v380cli.camera.recordings import CardReader, CardRecording
from v380cli.models import Device
from v380cli.simulator.footage import FootageSpec, load_footage
from v380cli.sinks.formats import ContainerFormat
from v380cli.store.spool import Spool
from v380cli.wire.card.playback import NOTE
from v380cli.wire.card.segments import SegmentOpenReply
from v380cli.wire.card.stream import RECORD_HEADER, SEGMENT_FRAME
from v380cli.wire.card.words import SEGMENT_DEVICE_VERSION, CardEntry
from v380cli.wire.login import LoginTicket
from v380cli.work.card.writing import SpoolFollower

PACKET_BYTES, BATCH = 1400, 100
FPS, GOP_S = 15, 2
ROUNDS = 3
SMALL_GB = 0.1
BASE_MS = 1_795_132_800_000
PACED_BYTES_S = 100e6  # "up to 100 MB/s"
START = dt.datetime(2026, 11, 20)
READ_BYTES = 1 << 18


def make_loop() -> list[tuple[int, bytes]]:
    footage = load_footage(FootageSpec(loop_s=10, gop_s=GOP_S, fps=FPS, device_id=1))
    return [(0 if unit.is_keyframe else 1, unit.data) for unit in footage.access_units]


@dataclass(frozen=True)
class Wire:
    """What the camera sends: a recording of whole loops, made while it is sent."""

    loop: list[tuple[int, bytes]]
    loops: int

    @property
    def frames(self) -> int:
        return self.loops * len(self.loop)

    @property
    def size_bytes(self) -> int:
        frame_bytes = sum(SEGMENT_FRAME.size + len(data) for _, data in self.loop) * self.loops
        packets = -(-frame_bytes // PACKET_BYTES) + 1  # and the one that says that it is over
        return frame_bytes + packets * RECORD_HEADER.size

    def make_batches(self) -> Iterator[bytes]:
        """The bytes between two acknowledgements."""
        waiting, number = bytearray(), 0
        for index in range(self.frames):
            kind, data = self.loop[index % len(self.loop)]
            stamp = BASE_MS + index * 1000 // FPS
            waiting += SEGMENT_FRAME.pack(index, kind, FPS, stamp, len(data)) + data
            if len(waiting) >= PACKET_BYTES * BATCH:
                yield make_records(waiting[: PACKET_BYTES * BATCH], number)
                del waiting[: PACKET_BYTES * BATCH]
                number += BATCH
        yield make_records(waiting, number) + RECORD_HEADER.pack(0xEF, NOTE, 0, 0)


def make_records(frames: bytearray, number: int) -> bytes:
    """Frames in packets, of which so many went before."""
    records = bytearray()
    for start in range(0, len(frames), PACKET_BYTES):
        piece = frames[start : start + PACKET_BYTES]
        number += 1
        records += RECORD_HEADER.pack(0x7F, NOTE, number & 0xFFFF, len(piece)) + piece
    return bytes(records)


def make_wire(size_bytes: int) -> Wire:
    """About so many bytes of footage."""
    loop = make_loop()
    return Wire(loop, 1 + size_bytes // sum(len(data) for _, data in loop))


class Server:
    """Sends the wire to whoever opens the recording, a batch per acknowledgement."""

    def __init__(self, make_batches: Callable[[], Iterable[bytes]], bytes_s: float) -> None:
        self._make_batches, self._bytes_s = make_batches, bytes_s
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            sock, _ = self._listener.accept()
            with sock:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._play(sock)

    def _play(self, sock: socket.socket) -> None:
        receive(sock, 64)
        sock.sendall(SegmentOpenReply(result=1000, number=1, width=1280, height=720).encode())
        receive(sock, 32)
        sent, began, is_first = 0, time.monotonic(), True
        for batch in self._make_batches():
            if not is_first:
                receive(sock, 32)
            is_first = False
            ahead_s = began + sent / self._bytes_s - time.monotonic()
            if ahead_s > 0.002:
                time.sleep(ahead_s)
            sock.sendall(batch)
            sent += len(batch)
        sock.recv(4096)


def receive(sock: socket.socket, size: int) -> None:
    while size:
        count = len(sock.recv(size))
        if not count:
            return
        size -= count


def read_bare(port: int, size_bytes: int) -> None:
    """The same exchange without a look at the data."""
    batch_bytes = (PACKET_BYTES + RECORD_HEADER.size) * BATCH
    buffer = bytearray(READ_BYTES)
    with socket.create_connection(("127.0.0.1", port)) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.sendall(bytes(64))
        receive(sock, 64)
        sock.sendall(bytes(32))
        got = answered = 0
        while got < size_bytes:
            got += sock.recv_into(buffer)
            while answered + batch_bytes <= got < size_bytes:
                sock.sendall(bytes(32))
                answered += batch_bytes
        sock.sendall(bytes(32))


def download(port: int, frames: int) -> None:
    """What `v380 recordings download` does with one recording."""
    seconds = frames / FPS
    entry = CardEntry(number=1, kind=1, start=START, end=START + dt.timedelta(seconds=seconds))
    start = START.replace(tzinfo=dt.UTC)
    recording = CardRecording(start=start, end=start + dt.timedelta(seconds=seconds), entry=entry)
    device = Device(device_id=1, host="127.0.0.1", port=port)
    with tempfile.TemporaryDirectory() as folder:
        spool = Spool(Path(folder) / "frames", "bench")
        follower = SpoolFollower(
            spool, recording, lambda: Path(folder) / "x.mp4", ContainerFormat.MP4, audio=False
        )
        access = Access(device)
        access.last_ticket = LoginTicket(
            ticket=1, device_version=SEGMENT_DEVICE_VERSION, variant_name="bench"
        )
        reader = CardReader(access)
        Fetcher(reader, recording, spool, on_keyframe=lambda: follower.follow(FPS)).run()
        (file,) = follower.finish(FPS)
        assert file.video_packets == frames
        spool.close()


def work(action: Callable[[int, int], None], port: int, amount: int, pipe: Connection) -> None:
    """In a process of its own: do it, and tell the seconds and the peak memory in MB."""
    began = time.monotonic()
    action(port, amount)
    pipe.send((time.monotonic() - began, read_memory_mb("VmHWM")))


def read_memory_mb(kind: str) -> float:
    """VmRSS or VmHWM of this process alone; getrusage counts what it had before it began, too."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(kind))


def measure(action: Callable[[int, int], None], port: int, amount: int) -> tuple[float, float]:
    """Seconds and peak memory in MB of a reader in a fresh process."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=work, args=(action, port, amount, theirs))
    process.start()
    seconds, peak_mb = ours.recv()
    process.join()
    return float(seconds), float(peak_mb)


def compare(wire: Wire, server: Server, rounds: int, title: str) -> None:
    shares = []
    for _ in range(rounds):
        bare_s, _ = measure(read_bare, server.port, wire.size_bytes)
        our_s, peak_mb = measure(download, server.port, wire.frames)
        shares.append(bare_s / our_s)
        bare, ours = (wire.size_bytes / seconds / 1e6 for seconds in (bare_s, our_s))
        print(
            f"  bare {bare:.0f} MB/s, download {ours:.0f} MB/s, peak {peak_mb:.0f} MB", flush=True
        )
    print(f"{title}: {statistics.median(shares):.2f} of a bare socket", flush=True)


def watch_memory(wire: Wire, server: Server, recordings: int) -> None:
    """Fetch one after the other in this process, and tell what each of them left behind."""
    began, after_mb = time.monotonic(), []
    for _ in range(recordings):
        download(server.port, wire.frames)
        after_mb.append(read_memory_mb("VmRSS"))
    gigabytes = wire.size_bytes * recordings / 1e9
    print(
        f"{gigabytes:.1f} GB in {recordings} recordings, {time.monotonic() - began:.0f} s: "
        f"{' '.join(f'{mb:.0f}' for mb in after_mb)} MB after each, "
        f"{max(after_mb) - after_mb[0]:.0f} MB more than after the first"
    )


def main() -> None:
    gigabytes = float(sys.argv[1] if len(sys.argv) > 1 else "0.5")
    recordings = int(sys.argv[2] if len(sys.argv) > 2 else "0")
    print(f"{os.cpu_count()} cores, {struct.calcsize('P') * 8} bit")
    small, large = make_wire(int(SMALL_GB * 1e9)), make_wire(int(gigabytes * 1e9))
    paced = f"camera at {PACED_BYTES_S / 1e6:.0f} MB/s"
    for wire, rounds in ((small, ROUNDS), (large, 1)):
        server = Server(wire.make_batches, PACED_BYTES_S)
        compare(wire, server, rounds, f"{paced}, {wire.size_bytes / 1e9:.1f} GB")
    ready = list(small.make_batches())
    compare(small, Server(lambda: ready, float("inf")), ROUNDS, "camera without a limit")
    if recordings:
        watch_memory(large, Server(large.make_batches, PACED_BYTES_S), recordings)


if __name__ == "__main__":
    main()
