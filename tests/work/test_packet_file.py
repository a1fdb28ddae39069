"""The file of a capture."""

import os
from pathlib import Path

import pytest

from v380cli.errors import StorageError
from v380cli.work import packet_file
from v380cli.work.packet_file import PacketFile


def test_a_disk_that_is_full_at_the_end_is_told_with_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def open_full(_: Path) -> int:
        return os.open("/dev/full", os.O_WRONLY)

    monkeypatch.setattr(packet_file, "create_file", open_full)
    with pytest.raises(StorageError, match=r"porch\.pcapng cannot be written: No space left"):
        PacketFile(tmp_path / "porch.pcapng", None).close()
