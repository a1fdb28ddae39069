"""What a simulated camera does with the packets on its live socket (PROTOCOL.md, section 5a)."""

from v380cli.wire.abilities import Abilities

PACKET_BYTES = 16


class ControlDesk:
    """Keeps what the controls have changed; one for all connections of a camera."""

    def __init__(self, abilities: Abilities) -> None:
        self._abilities = abilities

    def tell_abilities(self) -> Abilities:
        """What it can do, in the state that it is in."""
        return self._abilities

    def obey(self, packet: bytes) -> None:
        """Take one packet of 16 bytes; one that makes no sense changes nothing."""
