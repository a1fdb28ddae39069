"""Pictures that a person keeps while looking: in the current folder."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from v380cli.errors import V380Error
from v380cli.models import Device
from v380cli.sinks.picture_file import PictureFiles, PictureFormat

if TYPE_CHECKING:
    from v380cli.sinks.screen.scene import Picture


class SavedPictures:
    """Saves pictures of one camera as they came, without what a screen adds."""

    def __init__(self, device: Device) -> None:
        self.paths: list[Path] = []
        self._device = device

    def save(self, picture: "Picture", taken_at: dt.datetime) -> str:
        """Save one, and say what became of it."""
        from v380cli.sinks.pictures import encode_picture  # PyAV takes 60 ms to import

        try:
            data = encode_picture(picture, PictureFormat.JPEG)
            files = PictureFiles(None, PictureFormat.JPEG)
            path = files.write(data, self._device.label, self._device.device_id, taken_at)
        except V380Error as error:
            return error.message
        self.paths.append(path)
        return f"saved {path}"
