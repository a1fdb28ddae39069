"""Sound on its way into FFmpeg's packets."""

import io
from collections.abc import Iterable
from itertools import chain

import av
import pytest

from tests.media_samples import PCM, make_tone, tone_packets
from v380cli.media.sink import AudioFormat, Codec, Packet, Track
from v380cli.sinks.muxer import FILE_STYLES, LIVE_STYLES
from v380cli.sinks.tracks import AAC_FRAME_SAMPLES, AacTrack

STEREO = AudioFormat(Codec.PCM, 16_000, 2)


def encode(
    audio: AudioFormat, packets: Iterable[Packet], batch_s: float
) -> list[list[tuple[int | None, bytes]]]:
    """PTS and data of what came of each packet, and of the end."""
    with av.open(io.BytesIO(), "w", format="mp4") as out:
        track = AacTrack(out, audio, batch_s)
        out.start_encoding()
        steps = [track.write(packet) for packet in packets]
        steps.append(track.finish())
        return [[(packet.pts, bytes(packet)) for packet in step] for step in steps]


def list_with_seams() -> list[Packet]:
    """Two seconds, of which some are said again, and two more behind a gap."""
    overlap = Packet(Track.AUDIO, make_tone(4000), 1800)
    return [*tone_packets(2), overlap, *tone_packets(2, start_ms=5000)]


def list_stereo() -> list[Packet]:
    tone = make_tone(2 * 640)
    return [Packet(Track.AUDIO, tone, 40 * index) for index in range(50)]


@pytest.mark.parametrize(
    ("audio", "packets"), [(PCM, list_with_seams()), (STEREO, list_stereo())], ids=["seams", "two"]
)
@pytest.mark.parametrize("batch_s", [0.2, 0.5, 30])
def test_a_batch_makes_the_same_frames(
    audio: AudioFormat, packets: list[Packet], batch_s: float
) -> None:
    one_by_one = list(chain.from_iterable(encode(audio, packets, 0)))
    assert len(one_by_one) > 30
    assert list(chain.from_iterable(encode(audio, packets, batch_s))) == one_by_one


def test_frames_come_half_a_second_at_a_time() -> None:
    steps = encode(PCM, tone_packets(4), 0.5)
    sizes = [len(step) for step in steps[:-1] if step]
    assert sizes[0] == 3  # the encoder keeps one
    assert set(sizes[1:]) == {round(0.5 * PCM.sample_rate / AAC_FRAME_SAMPLES)}


def test_only_files_wait_for_a_batch() -> None:
    assert any(style.batch_s for style in FILE_STYLES.values())
    assert not any(style.batch_s for style in LIVE_STYLES.values())
