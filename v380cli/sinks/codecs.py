"""What FFmpeg, as it comes with PyAV, must be able to do for us. Imports PyAV when asked."""

DECODERS = ("h264", "hevc", "mjpeg", "aac")
ENCODERS = ("mjpeg", "png", "aac")


def list_missing_codecs() -> list[str]:
    """What it lacks, in words; empty for one that has all."""
    return [f"the {name} decoder" for name in DECODERS if not _has(name, "r")] + [
        f"the {name} encoder" for name in ENCODERS if not _has(name, "w")
    ]


def _has(name: str, mode: str) -> bool:
    import av.codec

    try:
        av.codec.Codec(name, mode)  # type: ignore[arg-type]
    except (ValueError, av.FFmpegError):
        return False
    return True
