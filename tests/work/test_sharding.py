"""Shares of a list: each camera in one of them, whatever else is in the list."""

import pytest

from v380cli.models import Device
from v380cli.work.sharding import Shard, parse_shard

CAMERAS = [Device(name=f"camera {number}", device_id=number) for number in range(1, 200)]


def test_each_camera_is_in_one_share() -> None:
    shares = [Shard(number, 5).choose(CAMERAS) for number in range(1, 6)]
    assert sorted(device.device_id for share in shares for device in share) == list(range(1, 200))
    assert min(map(len, shares)) > 20


def test_it_does_not_depend_on_the_others_or_on_the_name() -> None:
    chosen = Shard(2, 5).choose(CAMERAS)
    assert Shard(2, 5).choose(CAMERAS[::-1]) == chosen[::-1]
    assert Shard(2, 3).has(Device(name="a", device_id=7)) == Shard(2, 3).has(Device(device_id=7))
    assert {number for number in (1, 2) if Shard(number, 2).has(Device(name="porch"))} == {2}


@pytest.mark.parametrize("text", ["", "0/5", "6/5", "1", "1/", "/5", "a/b", "-1/5", "1/5/2"])
def test_what_is_no_share(text: str) -> None:
    with pytest.raises(ValueError, match="is not a valid share"):
        parse_shard(text)
    assert parse_shard("2/5") == (2, 5)
