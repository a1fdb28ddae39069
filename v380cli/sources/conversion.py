"""Any decoded sound to what cameras hear: 8 kHz, 16 bits, mono. Imports PyAV."""

import av
import av.filter

from v380cli.sources.sound import SAMPLE_BYTES, SAMPLE_RATE, Runs


class Converter:
    """Resamples and mixes down, and makes louder by `gain_db`; it clips what becomes too loud.

    The form of the sound may change on the way, as it does in chained Ogg files.
    """

    def __init__(self, gain_db: float = 0.0) -> None:
        self._gain_db = gain_db
        self._form: tuple[str, str, int] | None = None
        self._graph = av.filter.Graph()

    def convert(self, frame: av.AudioFrame) -> Runs:
        """PCM s16le of the frame; some of it comes later."""
        form = (frame.format.name, frame.layout.name, frame.sample_rate)
        if form != self._form:
            yield from self.flush()
            self._graph, self._form = self._build(frame), form
        frame.pts = None  # gaps in a file's time stamps are no silence
        self._graph.push(frame)
        yield from self._pull()

    def flush(self) -> Runs:
        """What was held back."""
        if self._form is None:
            return
        self._graph.push(None)
        yield from self._pull()
        self._form = None

    def _build(self, frame: av.AudioFrame) -> av.filter.Graph:
        graph = av.filter.Graph()
        graph.link_nodes(
            graph.add_abuffer(
                sample_rate=frame.sample_rate,
                format=frame.format,
                layout=frame.layout,
                time_base=frame.time_base,
            ),
            graph.add("volume", f"{self._gain_db}dB"),
            graph.add(
                "aformat", f"sample_fmts=s16:sample_rates={SAMPLE_RATE}:channel_layouts=mono"
            ),
            graph.add("abuffersink"),
        ).configure()
        return graph

    def _pull(self) -> Runs:
        while True:
            try:
                frame = self._graph.pull()
            except (BlockingIOError, EOFError):
                return
            assert isinstance(frame, av.AudioFrame)
            yield bytes(frame.planes[0])[: frame.samples * SAMPLE_BYTES]
