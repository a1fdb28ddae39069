"""The stored positions of a simulated camera, as settings (PROTOCOL.md, section 5b)."""

from collections.abc import Iterator

from v380cli.simulator.control_desk import ControlDesk
from v380cli.simulator.settings.rows import NotDone, Reply, Request, Row, agree
from v380cli.wire.commands import Command
from v380cli.wire.presets import (
    LEGACY_PRESET_REPLY_BYTES,
    EditPresetsRequest,
    LegacyEditPresetsRequest,
)
from v380cli.wire.settings.exchange import EX_SET_REPLY_BYTES


class PresetDesk:
    """Answers 329 and 129."""

    def __init__(self, controls: ControlDesk) -> None:
        self._controls = controls

    def list_rows(self) -> Iterator[tuple[int, Row]]:
        """The commands by number."""
        ex, legacy = EX_SET_REPLY_BYTES, LEGACY_PRESET_REPLY_BYTES
        yield Command.EDIT_PRESETS, Row(EditPresetsRequest, ex, self._edit, True)
        yield Command.LEGACY_EDIT_PRESETS, Row(LegacyEditPresetsRequest, legacy, self._edit, True)

    def _edit(self, request: Request) -> Reply:
        if not self._controls.edit_preset(request.action, request.preset_id):
            raise NotDone
        return agree(request)
