"""Where a camera out of the box is: on its own hotspot, on its way, or on the home network."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from v380cli.models import Secret
from v380cli.wire.provisioning import SeenNetwork, WifiSettings

CONFIG_ID_SHOWN_S = 60.0  # so long a camera tells the id of its SmartLink (section 1b)
OLD_HOME = WifiSettings(ssid="home", psk=Secret("simulated-psk"))


@dataclass(frozen=True, slots=True, kw_only=True)
class HotspotSpec:
    """A camera out of the box: its hotspot is at the camera's `host`.

    It joins the network `ssid` within `join_delay_s` if it is told its PSK, and answers at
    `home_host` from then on; under a wrong PSK it never does. `others` are networks that it sees
    besides. `smartlink_interface` is where it hears SmartLink (this needs root), empty for none.
    """

    home_host: str
    ssid: str = "home"
    psk: Secret = field(default_factory=Secret)
    join_delay_s: float = 0.5
    others: tuple[SeenNetwork, ...] = ()
    smartlink_interface: str = ""

    def list_networks(self) -> list[SeenNetwork]:
        """What the camera sees."""
        security = "WPA2-PSK" if self.psk else ""
        home = SeenNetwork(ssid=self.ssid, frequency_mhz=2437, signal=80, security=security)
        return [home, *self.others]


class Radio:
    """A camera's Wi-Fi; without a `spec` it has been on `OLD_HOME`, that of `host`, for ever.

    `orders` counts how often it was told a network.
    """

    def __init__(
        self,
        spec: HotspotSpec | None,
        host: str,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._spec = spec
        self._hotspot_host = host
        self._clock = clock
        self._told = None if spec else OLD_HOME
        self._told_at = 0.0
        self._config_id = 0
        self._static_host = ""
        self.orders = 0

    @property
    def is_hotspot(self) -> bool:
        """Whether it waits to be told a network."""
        return self._spec is not None and not self._is_right

    @property
    def host(self) -> str:
        """The address at which it can be reached now; empty on its way to the home network."""
        if self._static_host and not self.is_hotspot:
            return self._static_host
        if self._spec is None or not self._is_right:
            return self._hotspot_host
        return self._spec.home_host if self._elapsed_s >= self._spec.join_delay_s else ""

    @property
    def home_host(self) -> str:
        """The address that it has, or will have, on the home network."""
        return self._spec.home_host if self._spec else self._hotspot_host

    @property
    def ssid(self) -> str:
        """The network that it was told last, right or wrong."""
        return self._told.ssid if self._told else ""

    @property
    def psk(self) -> Secret:
        """Its PSK, as it was told; empty for a network without one."""
        return self._told.psk if self._told else Secret()

    @property
    def config_id(self) -> int:
        """What it tells in its beacon; 0 once it was there for a minute."""
        shown_until_s = CONFIG_ID_SHOWN_S + (self._spec.join_delay_s if self._spec else 0)
        return self._config_id if self._elapsed_s < shown_until_s else 0

    def list_networks(self) -> list[SeenNetwork]:
        """What a scan shows."""
        return self._spec.list_networks() if self._spec else []

    def settle(self, host: str) -> None:
        """Be at this address from now on, once it is in a network."""
        self._static_host = host

    def tell(self, wifi: WifiSettings, config_id: int = 0) -> None:
        """Order it to join a network; one that it is on already changes nothing."""
        self.orders += 1
        if self._is_right and wifi == self._told:
            return
        self._told, self._config_id, self._told_at = wifi, config_id, self._clock()

    @property
    def _is_right(self) -> bool:
        spec, told = self._spec, self._told
        return bool(spec and told and told.ssid in ("", spec.ssid) and told.psk == spec.psk)

    @property
    def _elapsed_s(self) -> float:
        return self._clock() - self._told_at
