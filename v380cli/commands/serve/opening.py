"""How `serve` opens a camera."""

from v380cli.camera.recorder import Recorder, RecordOptions
from v380cli.media.sink import Sink
from v380cli.models import Device, Quality
from v380cli.work.targets import reach


def make_recorder(device: Device, sink: Sink, *, quality: Quality, audio: bool) -> Recorder:
    """A recorder that hands every frame to `sink` as it comes, over as many links as it takes."""
    options = RecordOptions(quality=quality, audio=audio, prompt=True)
    return Recorder(reach(device), sink, options)
