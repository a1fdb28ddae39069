"""The names that may stand for a camera, as typer asks for them; changes nothing."""


def complete_camera(incomplete: str) -> list[tuple[str, str]]:
    """Names that begin with `incomplete`, with what tells them apart."""
    from v380cli.store.names import read_cameras
    from v380cli.store.places import find_list

    start = incomplete.casefold()
    return [
        (name, " ".join(filter(None, [str(device_id or ""), host])))
        for name, device_id, host in read_cameras(find_list())
        if name.casefold().startswith(start)
    ]


def complete_target(incomplete: str) -> list[tuple[str, str]]:
    """Those, and groups as `@GROUP`."""
    from v380cli.store.names import read_groups
    from v380cli.store.places import find_list

    groups = [(f"@{group}", "group") for group in read_groups(find_list())]
    start = incomplete.casefold()
    return [
        *complete_camera(incomplete),
        *(each for each in groups if each[0].casefold().startswith(start)),
    ]
