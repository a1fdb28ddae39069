"""Read the QR code on a camera's sticker from a picture; with PIL and cv2."""

import re
import warnings
from io import BytesIO
from pathlib import Path
from typing import Any

from v380cli.errors import MediaError, StorageError, UsageError
from v380cli.models import MAX_DEVICE_ID

# A telephone's picture has 5 to 15 MB.
PICTURE_MAX_BYTES = 64 * 1024 * 1024
# The vendor's app keeps an integer from the code (PROTOCOL.md, section 7); ids known so far have
# eight to ten digits. A code that says more is read if it has one such number.
_DEVICE_ID = re.compile(r"(?<!\d)\d{6,10}(?!\d)")
# `V380^id^hardware^67^64^number^time of making`: the id is not the only long number there.
_V380_CODE = "V380^"
# The detector takes ten bytes for each pixel; a code on a sticker is readable at this size.
MAX_SIDE_PIXELS = 4096
PICTURE_FORMATS = ("BMP", "GIF", "JPEG", "PNG", "TIFF", "WEBP")


def read_sticker(path: Path) -> int:
    """The device id in the QR code on the picture at `path`.

    Raises StorageError for a file that cannot be read, MediaError for one that is not a picture
    with a QR code, and UsageError for a code without a device id.
    """
    text = _decode_qr(_read_picture(path), path)
    return parse_sticker(text)


def parse_sticker(text: str) -> int:
    """The device id in the text of a sticker's code; raises UsageError."""
    whole = text.strip()
    if whole.startswith(_V380_CODE):
        whole = whole.split("^")[1]
    numbers = [whole] if whole.isascii() and whole.isdigit() else _DEVICE_ID.findall(whole)
    ids = {int(number) for number in numbers if len(number) <= 10}
    if len(ids) != 1 or not 0 < min(ids) <= MAX_DEVICE_ID:
        raise UsageError("the QR code does not hold a device id; write the number with --id")
    return ids.pop()


def _read_picture(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(PICTURE_MAX_BYTES + 1)
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror}") from error
    if len(data) > PICTURE_MAX_BYTES:
        raise StorageError(f"{path} is larger than any picture of a sticker")
    return data


def _decode_qr(data: bytes, path: Path) -> str:
    cv2, numpy = _import_cv2()
    text, _, _ = cv2.QRCodeDetector().detectAndDecode(numpy.asarray(_decode_picture(data, path)))
    if not text:
        raise MediaError(
            f"no QR code can be read in {path}",
            hint="take it nearer, sharp and straight on, or write the number with --id",
        )
    return str(text)


def _decode_picture(data: bytes, path: Path) -> Any:
    """A grey picture of a bounded size; a small file that would fill the memory is refused."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(BytesIO(data), formats=PICTURE_FORMATS)
        image.thumbnail((MAX_SIDE_PIXELS, MAX_SIDE_PIXELS))
        return image.convert("L")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise MediaError(
            f"{path} has more than {Image.MAX_IMAGE_PIXELS} pixels", hint="make it smaller"
        ) from error
    except (OSError, SyntaxError, ValueError) as error:  # what PIL raises for broken files
        raise MediaError(f"{path} is not a picture that can be read") from error


def _import_cv2() -> tuple[Any, Any]:
    try:
        import cv2
        import numpy
    except ImportError as error:  # opencv-python needs two libraries that bare servers lack
        raise MediaError(
            f"pictures cannot be read here: {error}",
            hint="on Debian and Ubuntu: sudo apt install libgl1 libglib2.0-0",
        ) from error
    return cv2, numpy
