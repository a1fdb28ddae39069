"""What a camera can be called besides its name."""

import pytest

from v380cli.work.identity import parse_identity


@pytest.mark.parametrize(
    ("text", "device_id"),
    [("12345678", 12345678), ("000000001234", 1234), ("2147483648", 0), ("9" * 5000, 0)],
)
def test_an_id_is_what_its_digits_say(text: str, device_id: int) -> None:
    identity = parse_identity(text)
    assert (identity.device_id if identity else 0) == device_id
