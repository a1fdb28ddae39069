"""`python -m v380cli` is `v380`."""

from v380cli.app import main

main()
