"""The stream of a real camera: its structure frame by frame, and two of its records whole."""

from random import Random
from typing import Any

import pytest

from tests.golden.recorded import load_recorded, read_recorded
from tests.wire.test_fragments import take_frames
from v380cli.media.audio import AudioCoding, open_audio_decoder
from v380cli.models import Quality
from v380cli.wire.fragment_record import RECORD_HEADER
from v380cli.wire.fragments import FragmentAssembler
from v380cli.wire.live import FRAME_HEADER, FrameHeader, StreamLoginReply
from v380cli.wire.login import LoginTicket
from v380cli.wire.machine import NEED_DATA
from v380cli.wire.session import LiveSession, MediaReceived, StreamOpened
from v380cli.wire.stream_counters import StreamCounters

STRUCTURE = load_recorded("live-structure-640x480")["rows"]
NOTICE = read_recorded("live-message-2009")
VIDEO_FRAMES, SOUND_FRAMES, NOTICES = 511, 419, 4


def make_frame(row: list[Any]) -> bytes:
    """The frame of a row; where pictures and sound were, there are bytes from its id."""
    _, frame_type, _, size, frame_id, fps, since_ms, _ = row
    header = FRAME_HEADER.pack(frame_id, frame_type, fps, STRUCTURE["first_ms"] + since_ms)
    return header + Random(frame_id).randbytes(size - len(header))


def encode(rows: list[Any]) -> tuple[bytes, list[bytes]]:
    """The bytes of the stream, built as the camera built them, and the frames in it."""
    wire, frames = bytearray(), []
    for row in rows:
        if row == ["message 2009"]:
            wire += NOTICE
            continue
        counter, frame_type, total, *_ = row
        frame, step = make_frame(row), STRUCTURE["fragment_bytes"]
        pieces = [frame[start : start + step] for start in range(0, len(frame), step)]
        assert len(pieces) == total
        for index, piece in enumerate(pieces):
            record = bytearray(RECORD_HEADER.pack(0x7F, frame_type, total, index, len(piece)))
            record[2] = counter
            wire += record + piece
        frames.append(frame)
    return bytes(wire), frames


WIRE, FRAMES = encode(STRUCTURE["frames"])


def run(chunks: list[bytes]) -> tuple[list[bytes], StreamCounters]:
    assembler = FragmentAssembler()
    for chunk in chunks:
        assembler.receive_data(chunk)
    assembler.flush()
    return take_frames(assembler), assembler.counters


@pytest.mark.parametrize("size", [1, 7, 512, 1448, 65536, len(WIRE)])
def test_every_frame_comes_whole_and_nothing_else_is_counted(size: int) -> None:
    frames, counters = run([WIRE[at : at + size] for at in range(0, len(WIRE), size)])
    assert frames == FRAMES
    assert counters == StreamCounters(
        bytes_received=len(WIRE),
        fragments=sum(row[2] for row in STRUCTURE["frames"] if len(row) > 1),
        video_frames=VIDEO_FRAMES,
        audio_frames=SOUND_FRAMES,
        messages_by_number=counters.messages_by_number,
    )
    assert counters.messages_by_number == {2009: NOTICES}


def test_the_stream_around_a_message_may_be_cut_anywhere() -> None:
    first = STRUCTURE["frames"].index(["message 2009"])
    wire, frames = encode(STRUCTURE["frames"][first - 4 : first + 4])
    for at in range(len(wire)):
        found, counters = run([wire[:at], wire[at:]])
        assert found == frames
        assert counters.dropped_frames == counters.skipped_bytes == 0


def test_the_head_of_the_first_record() -> None:
    record = read_recorded("live-record-first")
    assert RECORD_HEADER.unpack_from(record) == (0x7F, 0, 19, 0, 500)
    frame = record[RECORD_HEADER.size :]
    assert FrameHeader.decode(frame) == FrameHeader(
        frame_id=9803, frame_type=0, fps=18, timestamp_ms=STRUCTURE["first_ms"]
    )
    assert frame[FRAME_HEADER.size :].startswith(bytes.fromhex("00000001274de028"))


def test_a_record_of_silence_is_505_samples_of_it() -> None:
    frames, counters = run([read_recorded("live-record-audio-silence")])
    assert counters.audio_frames == len(frames) == 1
    block = frames[0][FRAME_HEADER.size :]
    assert len(block) == 256
    assert open_audio_decoder(AudioCoding.IMA_ADPCM).decode(block) == [bytes(2 * 505)]


@pytest.mark.parametrize("size", [32, 44, 412])
@pytest.mark.parametrize("bits", [8, 16])
def test_401_tells_what_the_sound_is_whatever_its_length(bits: int, size: int) -> None:
    reply = StreamLoginReply(
        result=402, width=1280, max_packet=20_000, audio_khz=8, audio_bits=bits, audio_channels=1
    )
    assert reply.encode()[18:25] == bytes.fromhex("204e0000") + bytes([8, bits, 1])
    session = LiveSession(
        LoginTicket(ticket=1, variant_name="legacy"), 1, quality=Quality.HD, audio=True
    )
    session.receive_data(reply.encode().ljust(size, b"\0") + WIRE)
    opened = session.next_event()
    assert isinstance(opened, StreamOpened)
    assert (opened.audio_rate_hz, opened.audio_bits, opened.audio_channels) == (8000, bits, 1)
    media = list(iter(session.next_event, NEED_DATA))
    assert len(media) == len(FRAMES) - 1  # the last waits for what follows it
    assert all(isinstance(each, MediaReceived) for each in media)
    assert session.counters.skipped_bytes == 0
