"""Python runs this at its start when this folder is on PYTHONPATH: the guard of child processes."""

import network_guard  # type: ignore[import-not-found]  # beside this file on PYTHONPATH

network_guard.install_from_environment()
