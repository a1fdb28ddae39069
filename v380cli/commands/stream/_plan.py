"""What every way of streaming shares: its options, and the recorder that they ask for."""

from dataclasses import dataclass

from v380cli.camera.recorder import Recorder, RecordOptions
from v380cli.media.sink import Sink
from v380cli.models import Device, Quality
from v380cli.work.targets import reach


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamPlan:
    """The options that `-o`, `--to` and `--serve` have in common; duration in seconds."""

    quality: Quality | None = None
    audio: bool = True
    duration_s: float = float("inf")
    reconnect: bool = True
    wait: bool = False
    json: bool = False

    def make_recorder(self, device: Device, sink: Sink) -> Recorder:
        """A recorder that hands every frame to `sink` as it comes."""
        options = RecordOptions(
            quality=self.quality or device.quality or Quality.HD,
            audio=self.audio,
            duration_s=self.duration_s,
            reconnect=self.reconnect,
            wait=self.wait,
            prompt=True,
        )
        return Recorder(reach(device), sink, options)
