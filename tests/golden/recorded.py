"""What real cameras said and took, recorded by others, who replaced what is personal.

Each file in `cameras/` names its source, the camera, and what it proves.
"""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("cameras")


def load_recorded(name: str) -> dict[str, Any]:
    """The whole file of that name."""
    document: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return document


def read_recorded(name: str) -> bytes:
    """The bytes in the file of that name."""
    return bytes.fromhex(load_recorded(name)["hex"])
