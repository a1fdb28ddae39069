"""`v380 provision`: a camera into the Wi-Fi, and proof that it is there."""

import typer

from v380cli.commands.provision import ap, batch, qr, scan, smartlink

app = typer.Typer(
    help="Bring a camera into your Wi-Fi, and see that it is there.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
)
app.command()(ap.ap)
app.command()(smartlink.smartlink)
app.command()(qr.qr)
app.command()(scan.scan)
app.command()(batch.batch)
