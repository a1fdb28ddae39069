"""Sounds to say and how alike two of them are; PCM s16le, 8 kHz, mono."""

import wave
from functools import cache
from pathlib import Path

import numpy as np

SAMPLE_RATE = 8000
MAX_LAG_S = 0.05  # what resampling filters and encoders may shift


@cache
def make_voice(seconds: float) -> bytes:
    """Syllables of chirping harmonics and hissing noise with pauses between, about like speech."""
    random = np.random.default_rng(1)
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    pitch = 140 + 30 * np.sin(2 * np.pi * 0.7 * time) + 20 * np.sin(2 * np.pi * 2.3 * time)
    phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE
    vowels = sum(np.sin(k * phase) / k for k in range(1, 16))
    hiss = random.standard_normal(time.size)
    loudness = np.clip(np.sin(2 * np.pi * 3.1 * time), 0, None)
    is_hiss = np.sin(2 * np.pi * 1.1 * time) > 0.7
    sound = loudness * np.where(is_hiss, 0.3 * hiss, vowels)
    return bytes((sound / np.abs(sound).max() * 20_000).astype("<i2").tobytes())


def correlate(heard: bytes, source: bytes) -> float:
    """How alike they are, from 1 for the same shape to 0, at the shift that fits best."""
    first, second = (np.frombuffer(pcm, "<i2").astype(float) for pcm in (heard, source))
    size = first.size + second.size
    products = np.fft.irfft(np.fft.rfft(first, size) * np.fft.rfft(second, size).conj(), size)
    max_lag = round(MAX_LAG_S * SAMPLE_RATE)
    best = max(products[: max_lag + 1].max(), products[-max_lag:].max())
    norm = np.sqrt(np.sum(first**2) * np.sum(second**2))
    return float(best / norm) if norm else 0.0


def write_wave(path: Path, pcm: bytes, *, sample_rate: int = SAMPLE_RATE) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, sample_rate, 0, "NONE", ""))
        file.writeframes(pcm)
    return path


def read_wave(path: Path) -> bytes:
    with wave.open(str(path), "rb") as file:
        assert file.getparams()[:3] == (1, 2, SAMPLE_RATE)
        return file.readframes(file.getnframes())
