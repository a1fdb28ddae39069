"""Python runs this at its start when this folder is on PYTHONPATH: the guard of child processes."""

import sys

import network_guard  # type: ignore[import-not-found]  # beside this file on PYTHONPATH

network_guard.install_from_environment()
# where the child is a test runner itself, its tests know the module under this name
sys.modules["tests.guard.network_guard"] = network_guard
