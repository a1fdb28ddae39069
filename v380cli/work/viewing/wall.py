"""The wall: a recorder for each camera, and their newest pictures on one sheet."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, ClassVar

from v380cli.camera.fleet import Fleet
from v380cli.camera.incidents import Incident, IncidentKind
from v380cli.camera.recorder import Recorder, RecordOptions
from v380cli.camera.recording import Recording
from v380cli.models import Device, Quality
from v380cli.sinks.picture_sink import PictureSink
from v380cli.sinks.screen.scene import Label, Scene, Screen
from v380cli.sinks.screen.terminal import TerminalScreen
from v380cli.text import clean_text
from v380cli.work.targets import reach
from v380cli.work.viewing.liveness import LIVE, Liveness
from v380cli.work.viewing.loop import ScreenLoop

if TYPE_CHECKING:
    from v380cli.sinks.contact_sheet import Tile
    from v380cli.sinks.screen.scene import Picture

NEIGHBOURS = {"left": -1, "h": -1, "right": 1, "l": 1}
ALL_KEY = "0"
TERMINAL_WIDTH = 640  # three pixels for each of a terminal's that is 200 columns wide


class WallCamera:
    """One camera of the wall: its recorder, its newest picture, and how it is."""

    def __init__(self, device: Device, quality: Quality) -> None:
        self._pictures = PictureSink()
        options = RecordOptions(quality=quality, audio=False, wait=True, prompt=True)
        self.recorder = Recorder(reach(device), self._pictures, options)
        self.picture: Picture | None = None
        self.state = ""
        self._liveness = Liveness(self.recorder)
        self._reason = ""  # why it is not live
        self.recorder.listen_to(self._hear)

    @property
    def label(self) -> str:
        return self.recorder.device.label

    def look(self, now_s: float) -> bool:
        """Take what is new; whether there is another picture."""
        newest = self._pictures.take_newest()
        self.picture = newest or self.picture
        self.state = self._liveness.describe(now_s, has_picture=self.picture is not None)
        return newest is not None

    def make_tile(self) -> "Tile":
        """What there is to see of it."""
        from v380cli.sinks.contact_sheet import Tile  # PIL and PyAV are slow to load

        return Tile(
            title=self.label, note=self._note, picture=self.picture, is_live=self.state == LIVE
        )

    def describe(self) -> str:
        """Its name, and what is wrong if something is."""
        return clean_text("  ".join(filter(None, [self.label, self._note])))

    @property
    def _note(self) -> str:
        if self.state == LIVE:
            return ""
        return ": ".join(filter(None, [self.state, self._reason]))

    def _hear(self, incident: Incident) -> None:
        self._reason = "" if incident.kind is IncidentKind.BACK else incident.reason


class Wall(ScreenLoop):
    """Shows cameras side by side, or one of them large, until its person has seen enough."""

    KEYS: ClassVar = (
        {
            "1 to 9": "one camera, large",
            "left, right": "the one before, the next",
            ALL_KEY: "all cameras",
        },
    )

    def __init__(
        self,
        devices: Sequence[Device],
        screen: Screen,
        *,
        quality: Quality,
        fps: float,
        greeting: str = "",
    ) -> None:
        from v380cli.sinks.contact_sheet import SHEET_WIDTH, ContactSheet

        super().__init__(screen, fps=fps, greeting=greeting)
        self._cameras = [WallCamera(device, quality) for device in devices]
        self.recorders = [camera.recorder for camera in self._cameras]
        self._fleet = Fleet(self.recorders)
        is_small = isinstance(screen, TerminalScreen)
        self._sheet = ContactSheet(len(devices), TERMINAL_WIDTH if is_small else SHEET_WIDTH)
        self._painted: list[Tile | None] = [None] * len(devices)
        self._labels: tuple[Label, ...] = ()
        self._chosen: WallCamera | None = None
        self._is_other = False  # than before: one camera instead of all, or another one

    def run(self) -> list[Recording]:
        """Show them until `stop`, a key or a closed window, or until none can come any more."""
        with ThreadPoolExecutor(1, "cameras") as pool:
            running = pool.submit(self._fleet.run)
            try:
                self.show_while(lambda: not running.done())
            finally:
                self._fleet.stop()
        return running.result()

    def press(self, key: str) -> str:
        if key == ALL_KEY:
            self._choose(None)
        elif key in NEIGHBOURS and self._chosen:
            seen = [camera for camera in self._cameras if camera.picture]
            index = seen.index(self._chosen) + NEIGHBOURS[key]
            self._choose(seen[index % len(seen)])
        elif key.isdecimal() and int(key) <= len(self._cameras):
            self._choose(self._cameras[int(key) - 1])
        return ""

    def take_newest(self) -> "Picture | None":
        now_s = time.monotonic()
        came = [camera for camera in self._cameras if camera.look(now_s)]
        is_other, self._is_other = self._is_other, False
        if self._chosen:
            return self._chosen.picture if is_other or self._chosen in came else None
        return self._sheet.draw() if self._paint() or is_other else None

    def compose(self, now_s: float) -> Scene:
        if chosen := self._chosen:
            return Scene(is_live=chosen.state == LIVE, status=chosen.describe())
        live = sum(camera.state == LIVE for camera in self._cameras)
        return Scene(status=f"{live} of {len(self._cameras)} live", labels=self._labels)

    def _choose(self, camera: WallCamera | None) -> None:
        if camera is None or camera.picture:
            self._is_other = camera is not self._chosen
            self._chosen = camera

    def _paint(self) -> bool:
        """Paint the tiles that have changed; whether there are any."""
        tiles = [camera.make_tile() for camera in self._cameras]
        changed = [index for index, tile in enumerate(tiles) if tile != self._painted[index]]
        for index in changed:
            self._sheet.paint(index, tiles[index])
            self._painted[index] = tiles[index]
        if changed:
            self._labels = tuple(
                Label(*self._sheet.locate_caption(index), camera.describe())
                for index, camera in enumerate(self._cameras)
            )
        return bool(changed)
