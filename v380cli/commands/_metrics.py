"""`--metrics`: numbers for Prometheus while a command runs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from v380cli.commands import _console
from v380cli.commands._serving_address import Address, format_host, parse_address

DEFAULT_PORT = 9380
HELP = "Serve numbers for Prometheus there, at /metrics."


def parse_metrics_address(text: str) -> Address:
    """`[HOST]:PORT`; raises typer.BadParameter. Without a host it is loopback."""
    return parse_address(text, DEFAULT_PORT)


@contextmanager
def serve_metrics(where: Address | None, render: Callable[[], bytes]) -> Iterator[None]:
    """Serve what `render` gives while the block runs, if it is wanted, and say where.

    Raises NetworkError where the port cannot be had.
    """
    if where is None:
        yield
        return
    from v380cli.net.metrics_server import PATH, MetricsServer  # aiohttp takes its time

    with MetricsServer(render, *where) as server:
        _console.talk(f"numbers: http://{format_host(where.host)}:{server.port}{PATH}")
        yield
