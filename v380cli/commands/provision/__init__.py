"""`v380 provision`: a camera into the Wi-Fi, and proof that it is there."""

from v380cli.commands._lazy import make_group

app = make_group(
    __name__,
    "Bring a camera into your Wi-Fi, and see that it is there.",
    {
        "ap": "ap.ap",
        "smartlink": "smartlink.smartlink",
        "qr": "qr.qr",
        "scan": "scan.scan",
        "batch": "batch.batch",
    },
)
