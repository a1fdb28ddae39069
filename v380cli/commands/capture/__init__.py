"""`v380 capture`: packets of this protocol, recorded and explained."""

import typer

from v380cli.commands.capture import explaining, fixing, recording

app = typer.Typer(
    help="Record packets of this protocol, and say what they mean.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
)


@app.callback()
def capture() -> None:
    """Record packets of this protocol, and say what they mean.

    Ids, addresses, names, passwords and pictures are left out unless --raw.
    """


app.command("record")(recording.record)
app.command("explain")(explaining.explain)
app.command("fixture")(fixing.fixture)
