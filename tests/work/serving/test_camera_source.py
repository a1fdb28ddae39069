"""What a camera's source says before anybody is served."""

from typing import cast

import pytest

from tests.media_samples import make_motion_jpeg
from v380cli.camera.recorder import Recorder
from v380cli.errors import UnsupportedMedia
from v380cli.sinks.broadcast import Broadcast
from v380cli.work.serving.camera_source import CameraSource


def test_motion_jpeg_is_refused_where_there_is_no_place_for_it() -> None:
    formats, packets = make_motion_jpeg()
    broadcast = Broadcast()
    broadcast.open(formats, next(packets).data)
    source = CameraSource(cast(Recorder, None), broadcast)
    with pytest.raises(UnsupportedMedia, match="Motion JPEG, which MPEG-TS"):
        source.watch_ts(lambda: None)
    with pytest.raises(UnsupportedMedia, match="Motion JPEG, which RTP as"):
        source.describe_rtp()
    assert source.watch_mp4(lambda: None)[1] == 'video/mp4; codecs="mp4v.6C"'
    source.end()
