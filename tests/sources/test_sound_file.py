"""Sound files of any format, and pipes: they come out as 8 kHz mono, and as what they were."""

import os
import threading
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.sounds import correlate, make_voice, write_wave
from tests.sources.listening import read_all
from v380cli.errors import MediaError, StorageError
from v380cli.sources.conversion import Converter
from v380cli.sources.pipe import MAGICS, PcmForm, PipeReader
from v380cli.sources.pump import SoundPump
from v380cli.sources.sound_file import SoundFile, SoundPipe, open_path

SECONDS = 2
VOICE = make_voice(SECONDS)
PCM = PcmForm()
FORMATS = {
    "mp3": ("libmp3lame", 44100, 0.9),
    "ogg": ("libopus", 48000, 0.9),
    "m4a": ("aac", 44100, 0.9),
    "flac": ("flac", 16000, 0.99),
    "mkv": ("pcm_s16le", 22050, 0.99),
}


def encode(path: Path, codec: str, rate: int, voice: bytes = VOICE) -> Path:
    """A voice in stereo, at that rate."""
    resampler = av.AudioResampler(layout="stereo", rate=rate)
    frame = av.AudioFrame.from_ndarray(
        np.frombuffer(voice, "<i2").reshape(1, -1), format="s16", layout="mono"
    )
    frame.sample_rate, frame.time_base, frame.pts = 8000, Fraction(1, 8000), 0
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        assert isinstance(stream, av.AudioStream)
        stream.layout = "stereo"
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("ending", FORMATS)
def test_a_file_of_any_format(tmp_path: Path, ending: str) -> None:
    codec, rate, likeness = FORMATS[ending]
    source = open_path(encode(tmp_path / f"voice.{ending}", codec, rate), PCM)
    assert source.duration_s == pytest.approx(SECONDS, abs=0.1)
    heard = read_all(source)
    assert len(heard) / 16000 == pytest.approx(SECONDS, abs=0.1)
    assert correlate(heard, VOICE) > likeness


def test_a_wave_file_of_8_khz_mono_comes_out_as_it_is(tmp_path: Path) -> None:
    assert read_all(open_path(write_wave(tmp_path / "voice.wav", VOICE), PCM)) == VOICE


def test_a_long_file_is_not_read_at_once(tmp_path: Path) -> None:
    path = write_wave(tmp_path / "long.wav", bytes(16000 * 600))
    with SoundPump(SoundFile(path)) as pump:
        pump.start()
        while pump.read(1010, 5.0) is None:
            pass
        # 64 KiB of pipe and what is on its way; ten minutes would be 9.6 MB
        written = os.read(pump._reader, 1 << 20)
        assert len(written) <= 1 << 16


@pytest.mark.parametrize(("gain_db", "factor"), [(6.0206, 2.0), (-6.0206, 0.5)])
def test_louder_and_softer(tmp_path: Path, gain_db: float, factor: float) -> None:
    quiet = (np.frombuffer(VOICE, "<i2") // 4).astype("<i2")
    path = write_wave(tmp_path / "voice.wav", quiet.tobytes())
    heard = np.frombuffer(read_all(open_path(path, PCM, gain_db=gain_db)), "<i2")
    assert np.abs(heard - quiet * factor).max() <= 2


def test_what_is_too_loud_is_clipped(tmp_path: Path) -> None:
    path = write_wave(tmp_path / "voice.wav", VOICE)
    heard = np.frombuffer(read_all(open_path(path, PCM, gain_db=40)), "<i2").astype(int)
    before = np.frombuffer(VOICE, "<i2").astype(int)
    assert set(np.sign(heard[np.abs(before) > 400] * before[np.abs(before) > 400])) == {1}
    assert heard.max() == 32767


def test_the_form_may_change_on_the_way() -> None:
    def make_frame(rate: int, layout: str) -> av.AudioFrame:
        channels = 2 if layout == "stereo" else 1
        samples = np.full((1, rate * channels), 1000, np.int16)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout=layout)
        frame.sample_rate, frame.time_base = rate, Fraction(1, rate)
        return frame

    converter = Converter()
    runs = [*converter.convert(make_frame(16000, "mono"))]
    runs += [*converter.convert(make_frame(44100, "stereo")), *converter.flush()]
    assert sum(map(len, runs)) == pytest.approx(2 * 16000, abs=200)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("text.mp3", b"this is not sound at all" * 100, "cannot be read as sound"),
        ("empty.wav", b"", "cannot be read as sound"),
        ("list.m3u8", b"#EXTM3U\n#EXTINF:3,\nhttp://192.0.2.1/x.ts\n", "cannot be read as sound"),
    ],
)
def test_what_is_no_sound(tmp_path: Path, name: str, content: bytes, sentence: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(MediaError, match=sentence):
        open_path(path, PCM)


def test_a_folder_is_no_sound(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="directory"):
        open_path(tmp_path, PCM)


def test_a_picture_has_no_sound(tmp_path: Path) -> None:
    path = tmp_path / "video.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=5)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuvj420p"
        container.mux(stream.encode(av.VideoFrame(64, 64, "yuvj420p")))
    with pytest.raises(MediaError, match="no sound in"):
        open_path(path, PCM)


def test_a_missing_file_and_a_url_are_no_files(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.wav", Path("http://127.0.0.1/sound.mp3")):
        with pytest.raises(StorageError, match="cannot read"):
            open_path(path, PCM)


def test_a_name_with_a_colon_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_wave(tmp_path / "http:voice.wav", VOICE)
    assert read_all(open_path(Path("http:voice.wav"), PCM)) == VOICE


def test_a_title_that_is_no_utf_8_is_no_obstacle(tmp_path: Path) -> None:
    path = write_wave(tmp_path / "voice.wav", VOICE)
    title = b"LIST\x12\0\0\0INFOINAM\x05\0\0\0caf\xe9\0\0"
    head, sound = path.read_bytes().split(b"data", 1)
    path.write_bytes(head + title + b"data" + sound)
    assert read_all(open_path(path, PCM)) == VOICE


def test_a_broken_file_is_played_as_far_as_it_goes(tmp_path: Path) -> None:
    path = encode(tmp_path / "voice.mp3", "libmp3lame", 44100)
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 400] = bytes(400)
    path.write_bytes(data)
    assert len(read_all(open_path(path, PCM))) / 16000 == pytest.approx(SECONDS, abs=0.3)


def pipe_in(data: bytes) -> int:
    """A descriptor from which `data` can be read."""
    reader, writer = os.pipe()

    def write() -> None:
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(data)

    threading.Thread(target=write).start()
    return reader


def test_raw_pcm_from_a_pipe() -> None:
    assert read_all(SoundPipe(pipe_in(VOICE), "stdin", PCM)) == VOICE


def test_raw_pcm_of_another_form() -> None:
    stereo = np.repeat(np.frombuffer(VOICE, "<i2"), 4).astype("<i2").tobytes()  # 16 kHz, 2 channels
    heard = read_all(SoundPipe(pipe_in(stereo), "stdin", PcmForm(16000, 2)))
    assert len(heard) == len(VOICE)
    assert correlate(heard, VOICE) > 0.95


@pytest.mark.parametrize("ending", ["wav", "ogg", "flac", "mkv"])
def test_a_container_from_a_pipe_is_known_by_its_first_bytes(tmp_path: Path, ending: str) -> None:
    if ending == "wav":
        path = write_wave(tmp_path / "voice.wav", VOICE)
    else:
        path = encode(tmp_path / f"voice.{ending}", *FORMATS[ending][:2])
    heard = read_all(SoundPipe(pipe_in(path.read_bytes()), "stdin", PCM))
    assert correlate(heard, VOICE) > 0.9


def test_a_container_that_wants_to_seek_says_so(tmp_path: Path) -> None:
    path = encode(tmp_path / "voice.m4a", "aac", 44100, make_voice(6))
    with pytest.raises(MediaError) as caught:
        read_all(SoundPipe(pipe_in(path.read_bytes()), "stdin", PCM))
    assert "name the file" in caught.value.hint


def test_all_known_beginnings_are_found() -> None:
    for magic in (*MAGICS, b"\0\0\0\x20ftyp"):
        reader = PipeReader(pipe_in(magic.ljust(16, b"\0")))
        assert reader.begins_with_container()
        assert reader.read(3) + reader.read(100) == magic.ljust(16, b"\0")[:8]
        reader.close()


def test_an_empty_pipe_has_no_sound() -> None:
    assert read_all(SoundPipe(pipe_in(b""), "stdin", PCM)) == b""


def test_a_named_pipe(tmp_path: Path) -> None:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    writer = threading.Thread(target=lambda: path.write_bytes(VOICE))
    writer.start()
    # who opens it is not kept waiting, so the writer may come later
    source = open_path(path, PCM)
    try:
        assert read_all(source) == VOICE
    finally:
        writer.join()


def test_a_silent_pipe_can_be_interrupted() -> None:
    reader, writer = os.pipe()
    with os.fdopen(writer, "wb"), SoundPump(SoundPipe(reader, "stdin", PCM)) as pump:
        pump.start()
        assert pump.read(1010, 0.05) is None
        pump.interrupt()
        assert pump.read(1010, 10.0) == b""


def test_a_piece_comes_when_it_is_whole() -> None:
    reader, writer = os.pipe()
    with (
        os.fdopen(writer, "wb", buffering=0) as pipe,
        SoundPump(SoundPipe(reader, "stdin", PCM)) as pump,
    ):
        pump.start()
        pipe.write(VOICE[:1000])
        assert pump.read(1010, 0.1) is None
        pipe.write(VOICE[1000:4000])
        pieces = [pump.read(1010, 5.0) for _ in range(4)]
    assert next(piece for piece in pieces if piece) == VOICE[:1010]
