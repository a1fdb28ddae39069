"""The picture that goes with an event."""

import logging
from typing import TYPE_CHECKING

from v380cli.errors import V380Error

if TYPE_CHECKING:
    from v380cli.sinks.pictures import Picture

QUALITY = 85

log = logging.getLogger(__name__)


def encode(picture: "Picture") -> bytes:
    """As JPEG; empty where there can be none."""
    from v380cli.sinks.pictures import PictureFormat, encode_picture

    try:
        return encode_picture(picture, PictureFormat.JPEG, QUALITY)
    except V380Error as error:
        log.warning("there is no picture of it: %s", error.message)
        return b""
