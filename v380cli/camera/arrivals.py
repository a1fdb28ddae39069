"""When the frames of a burst came: reading seldom is cheap, and must not look like waiting."""

from collections.abc import Sequence

from v380cli.wire.session import MediaReceived


def spread_arrivals(
    burst: Sequence[MediaReceived], since_s: float, until_s: float
) -> Sequence[float]:
    """When each frame came that was read at `until_s`, the reading before being at `since_s`.

    The last one came just now, and those before it as much earlier as their stamps say, which
    count only as far as they are possible: a camera's clock may jump.
    """
    arrivals = [until_s] * len(burst)
    possible_ms = (until_s - since_s) * 1000
    came_s = until_s
    for index in range(len(burst) - 1, 0, -1):
        step_ms = burst[index].timestamp_ms - burst[index - 1].timestamp_ms
        if -possible_ms <= step_ms <= possible_ms:
            came_s -= step_ms / 1000
        arrivals[index - 1] = min(arrivals[index], max(since_s, came_s))
    return arrivals
