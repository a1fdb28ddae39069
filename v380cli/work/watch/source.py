"""Where a watch has its events from."""

from enum import StrEnum


class Source(StrEnum):
    """Who says that something happens: our own eyes, or the camera: its card, alarms or ONVIF."""

    PICTURE = "picture"
    CARD = "card"
    PUSH = "push"
    ONVIF = "onvif"
