"""`--metrics`: numbers for Prometheus while a command runs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from v380cli.commands import _console
from v380cli.commands._serving_address import Address, format_host, parse_address

DEFAULT_PORT = 9380


def parse_metrics_address(text: str) -> Address:
    """`[HOST]:PORT`; raises typer.BadParameter. Without a host it is loopback."""
    return parse_address(text, DEFAULT_PORT)


MetricsOption = Annotated[
    Address | None,
    typer.Option(
        parser=parse_metrics_address,
        metavar="[HOST]:PORT",
        help="Serve numbers for Prometheus there, at /metrics; beyond this machine with a token.",
    ),
]


@contextmanager
def serve_metrics(where: Address | None, render: Callable[[], bytes]) -> Iterator[None]:
    """Serve what `render` gives while the block runs, if it is wanted, and say where.

    Raises NetworkError where the port cannot be had. A token that was made up is said.
    """
    if where is None:
        yield
        return
    from v380cli.commands._token import TOKEN_VARIABLE, choose_token
    from v380cli.net.http_access import AccessRules
    from v380cli.net.metrics_server import PATH, MetricsServer  # aiohttp takes its time

    token, is_generated = choose_token(where.host)
    with MetricsServer(render, AccessRules(host=where.host, token=token), where.port) as server:
        _console.talk(f"numbers: http://{format_host(where.host)}:{server.port}{PATH}")
        if is_generated:
            _console.talk(f"their token: {token.reveal()}    ({TOKEN_VARIABLE} sets another)")
        yield
