"""What tests of recordings share."""

from collections.abc import Callable

import pytest

from v380cli.camera.pipeline import MediaPipeline
from v380cli.wire.session import MediaReceived

AfterWrite = Callable[[Callable[[MediaPipeline], None]], None]


@pytest.fixture
def after_write(monkeypatch: pytest.MonkeyPatch) -> AfterWrite:
    """Have a function called with the pipeline after each frame that it has written."""

    def watch(look: Callable[[MediaPipeline], None]) -> None:
        feed = MediaPipeline.feed

        def feed_and_look(pipeline: MediaPipeline, media: MediaReceived, arrival_s: float) -> bool:
            if is_written := feed(pipeline, media, arrival_s):
                look(pipeline)
            return is_written

        monkeypatch.setattr(MediaPipeline, "feed", feed_and_look)

    return watch
