"""A sink that is many viewers: one camera, each container muxed once, nobody waits for anybody."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from v380cli.errors import MediaError, V380Error
from v380cli.media.sink import Codec, Formats, Packet
from v380cli.sinks.chunks import Chunk, ChunkMuxer, KeyframeGroup, LiveFormat
from v380cli.sinks.live_muxers import open_chunk_muxer
from v380cli.sinks.viewer import Viewer

# A camera that changes its format shows the next within a second, which a new viewer waits for.
CHANGE_WAIT_S = 5.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Programme:
    """What is shown at present; `changes` counts the formats before it."""

    formats: Formats
    width: int
    height: int
    changes: int = 0


class Broadcast:
    """Written to by one thread, watched from any.

    A viewer begins at once, with the last keyframe. A container costs nothing while nobody watches
    it. What goes wrong in one container ends its viewers and nobody else.
    """

    def __init__(self) -> None:
        self.programme: Programme | None = None
        self._lock = threading.Lock()
        self._change = threading.Condition(self._lock)
        self._is_changing = self._is_over = False
        self._group: KeyframeGroup[Packet] = KeyframeGroup()
        self._keyframe: tuple[Codec, bytes] | None = None
        self._channels = {name: _Channel(name) for name in LiveFormat}

    # -- the sink -------------------------------------------------------------------------------

    def open(self, formats: Formats, first_keyframe: bytes) -> None:
        """Show something else from now on."""
        from v380cli.sinks.templates import open_video_template  # PyAV takes 60 ms to import

        self.close()
        with open_video_template(formats.video.codec, first_keyframe) as template:
            picture = template.streams.video[0].codec_context
            shown = Programme(formats, picture.width, picture.height)
        with self._lock:
            if self.programme:
                shown = replace(shown, changes=self.programme.changes + 1)
                if shown.formats != self.programme.formats:
                    for channel in self._channels.values():
                        channel.end_unchangeable()  # who came since was told of the former
            self.programme = shown
            self._is_changing = False
            self._change.notify_all()

    def write(self, packet: Packet) -> None:
        """Give a packet to everybody who watches."""
        with self._lock:
            if self.programme is None:
                raise MediaError("the broadcast is not open")
            if packet.is_keyframe:
                self._keyframe = self.programme.formats.video.codec, packet.data
            self._group.add(packet, len(packet.data), is_start=packet.is_keyframe)
            for channel in self._channels.values():
                if channel.viewers:
                    channel.write(packet, self.programme)

    def close(self) -> None:
        """Nothing more comes of what is shown; most viewers stay for what is next."""
        with self._lock:
            self._is_changing = self.programme is not None
            self._group.clear()
            for channel in self._channels.values():
                channel.finish()

    # -- the viewers ----------------------------------------------------------------------------

    def count_viewers(self) -> int:
        """How many watch, but for those inside this process."""
        return sum(len(channel.viewers) for channel in self._list_public())

    def count_dropped(self) -> int:
        """How many pictures slow viewers lost, all together."""
        with self._lock:
            return sum(channel.count_dropped() for channel in self._list_public())

    def watch(self, live_format: LiveFormat, wake: Callable[[], None]) -> Viewer:
        """A new viewer, to be closed; its `wake` is called by the thread that writes."""
        return self.watch_programme(live_format, wake)[0]

    def watch_programme(
        self, live_format: LiveFormat, wake: Callable[[], None]
    ) -> tuple[Viewer, Programme | None]:
        """A new viewer and what it begins with, None if nothing was shown yet.

        Between two programmes it waits for the next one, in a container that holds only one.
        """
        channel = self._channels[live_format]
        viewer = Viewer(wake, lambda viewer: self._dismiss(channel, viewer))
        with self._lock:
            if not live_format.outlives_change:
                self._await_change()
            if self._is_over:
                viewer.end()
            elif self.programme:
                channel.admit(viewer, self._group, self.programme)
            else:
                channel.viewers.append(viewer)
            return viewer, self.programme

    def find_programme(self) -> Programme | None:
        """What is shown, None if nothing was yet; between two the next one is waited for."""
        with self._lock:
            self._await_change()
            return self.programme

    def newest_keyframe(self) -> tuple[Codec, bytes] | None:
        """The last one that came."""
        return self._keyframe

    def end(self) -> None:
        """Send everybody home, and let nobody in any more."""
        with self._lock:
            self._is_over = True
            self._change.notify_all()
            for channel in self._channels.values():
                channel.dismiss_all()

    def _list_public(self) -> "list[_Channel]":
        return [self._channels[name] for name in LiveFormat if name is not LiveFormat.RAW]

    def _await_change(self) -> None:
        self._change.wait_for(lambda: self._is_over or not self._is_changing, CHANGE_WAIT_S)

    def _dismiss(self, channel: "_Channel", viewer: Viewer) -> None:
        with self._lock:
            channel.dismiss(viewer)


class _Channel:
    """One container and those who watch it; muxes only while somebody does."""

    def __init__(self, live_format: LiveFormat) -> None:
        self.viewers: list[Viewer] = []
        self._format = live_format
        self._muxer: ChunkMuxer | None = None
        self._group: KeyframeGroup[Chunk] = KeyframeGroup()
        self._dropped_by_past_viewers = 0

    def admit(self, viewer: Viewer, packets: KeyframeGroup[Packet], programme: Programme) -> None:
        """Show a new viewer what came since the last keyframe."""
        self.viewers.append(viewer)
        if self._muxer is None:
            for packet in packets:
                self.write(packet, programme)
        else:
            for chunk in self._group:
                viewer.put(chunk)

    def dismiss(self, viewer: Viewer) -> None:
        """Let a viewer go, if it is still here."""
        if viewer not in self.viewers:
            return
        self.viewers.remove(viewer)
        self._dropped_by_past_viewers += viewer.dropped_pictures
        viewer.end()
        if not self.viewers:
            self._forget()

    def dismiss_all(self) -> None:
        for viewer in self.viewers[:]:
            self.dismiss(viewer)

    def count_dropped(self) -> int:
        return self._dropped_by_past_viewers + sum(v.dropped_pictures for v in self.viewers)

    def write(self, packet: Packet, programme: Programme) -> None:
        """Mux a packet, from a keyframe on."""
        if not (self._muxer or packet.is_keyframe):
            return
        try:
            if self._muxer is None:
                self._muxer = open_chunk_muxer(
                    self._format, programme.formats, packet.data, programme.changes
                )
            self._publish(self._muxer.write(packet))
        except Exception as error:
            self._fail(error)

    def finish(self) -> None:
        """End what is muxed at present, and the viewers who cannot take anything else."""
        if self._muxer is None:
            return
        try:
            self._publish(self._muxer.finish())
        except Exception as error:
            self._fail(error)
        self._forget()
        self.end_unchangeable()
        for viewer in self.viewers:
            viewer.restart()

    def end_unchangeable(self) -> None:
        """Dismiss the viewers if they cannot take anything else than what they were told of."""
        if not self._format.outlives_change:
            self.dismiss_all()

    def _publish(self, chunks: list[Chunk]) -> None:
        for chunk in chunks:
            self._group.add(chunk, len(chunk.data), is_start=chunk.is_start)
            for viewer in self.viewers:
                viewer.put(chunk)

    def _fail(self, error: Exception) -> None:
        """Whatever it is: viewers never end what is written beside them."""
        if isinstance(error, V380Error):
            log.warning("%s: %s", self._format, error.message)
        else:
            log.error("%s: %s", self._format, type(error).__name__, exc_info=error)
        self._forget()
        self.dismiss_all()

    def _forget(self) -> None:
        self._muxer = None
        self._group.clear()
