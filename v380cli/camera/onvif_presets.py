"""The positions that a camera has stored, as it tells them by ONVIF."""

from v380cli.camera.onvif import OnvifClient
from v380cli.errors import InvalidInput
from v380cli.wire.onvif_services import Preset


class OnvifPresets:
    """Goes to positions and changes them; each is named by its token, else by its name.

    Raises as the client does, and InvalidInput for a position that the camera does not have.
    """

    def __init__(self, client: OnvifClient) -> None:
        self._client = client

    def list_presets(self) -> list[Preset]:
        """Every one, in the camera's order."""
        return self._client.list_presets()

    def go(self, position: str) -> None:
        """Turn to it."""
        self._client.go_to_preset(self._find(position).token)

    def store(self, position: str, name: str = "") -> str:
        """Make it what the camera points at now; a new one where there is none. Its token."""
        known = _choose(self.list_presets(), position)
        if known:
            return self._client.set_preset(name or known.name, known.token)
        return self._client.set_preset(name or position)

    def remove(self, position: str) -> None:
        """Forget it."""
        self._client.remove_preset(self._find(position).token)

    def _find(self, position: str) -> Preset:
        presets = self.list_presets()
        if found := _choose(presets, position):
            return found
        known = ", ".join(preset.token for preset in presets) or "none"
        raise InvalidInput(f"{position!r} is not a position of the camera; it has: {known}")


def _choose(presets: list[Preset], position: str) -> Preset | None:
    by_token = (preset for preset in presets if preset.token == position)
    by_name = (preset for preset in presets if preset.name.casefold() == position.casefold())
    return next(by_token, None) or next(by_name, None)
