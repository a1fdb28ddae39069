"""`v380 capture`: packets of this protocol, recorded and explained."""

from v380cli.commands._lazy import make_group

app = make_group(
    __name__,
    """Record packets of this protocol, and say what they mean.

    Ids, addresses, names, passwords and pictures are left out unless --raw.
    """,
    {
        "record": "recording.record",
        "explain": "explaining.explain",
        "fixture": "fixing.fixture",
    },
)
