"""The golden bytes, which were computed apart from this project."""

import json
from pathlib import Path
from typing import Any

VECTORS: dict[str, Any] = json.loads(
    Path(__file__).with_suffix(".json").read_text(encoding="utf-8")
)


def read_packet(name: str) -> bytes:
    """The bytes of the packet of that name, with the zeros that the file leaves out."""
    packet = VECTORS["packets"][name]
    if "hex" in packet:
        return bytes.fromhex(packet["hex"])
    return bytes.fromhex(packet["hex_without_trailing_zeros"]).ljust(packet["size"], b"\0")
