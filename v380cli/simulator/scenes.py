"""Scenes with a name: something moves before a simulated camera, or only seems to.

Knows the names and the plots; `scenery.py` draws them.
"""

from enum import StrEnum
from typing import NamedTuple

LOOP_S = 24.0
ACTION_S = 10.0  # when something happens first: before it all is quiet


class SceneName(StrEnum):
    """What `v380 simulate --scene` takes."""

    PERSON = "person"
    FAR = "far"
    NEAR = "near"
    QUICK = "quick"
    NIGHT = "night"
    CAT = "cat"
    RAIN = "rain"
    CLOUD = "cloud"
    INFRARED = "infrared"
    TREE = "tree"
    NOISE = "noise"
    EXPOSURE = "exposure"


class Plot(NamedTuple):
    """What a scene is; `moves` says whether anything in it is worth an event."""

    moves: bool
    summary: str


PLOTS = {
    SceneName.PERSON: Plot(True, "a person crosses in six seconds"),
    SceneName.FAR: Plot(True, "a person far away crosses slowly"),
    SceneName.NEAR: Plot(True, "a person close to the camera crosses fast"),
    SceneName.QUICK: Plot(True, "somebody runs through in one second, between two keyframes"),
    SceneName.NIGHT: Plot(True, "a person at night, in the noise of a strained sensor"),
    SceneName.CAT: Plot(True, "a cat"),
    SceneName.RAIN: Plot(False, "rain"),
    SceneName.CLOUD: Plot(False, "a cloud: the light fades by a third and comes back"),
    SceneName.INFRARED: Plot(False, "the camera switches to infra-red and back"),
    SceneName.TREE: Plot(False, "a tree sways"),
    SceneName.NOISE: Plot(False, "the gain goes up, and the noise with it, and down"),
    SceneName.EXPOSURE: Plot(False, "the exposure jumps, as when a lamp goes on"),
}
