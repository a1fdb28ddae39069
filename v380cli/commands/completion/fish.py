"""The completion script for fish."""

from collections.abc import Iterator

from v380cli.commands.completion.parser import ASK_CAMERAS, Node, Option, Value, walk

ARGUMENTS = {Value.FILE: "-F", Value.CAMERA: "-a '(__v380_cameras)'"}
# -x: a value and no file; -r -F: a value that is a file.
VALUES = {
    Value.TEXT: "-x",
    Value.FILE: "-r -F",
    Value.CAMERA: "-x -a '(__v380_cameras)'",
}


def format_script(root: Node) -> str:
    """The script for fish 3 and newer."""
    lines = [line for node in walk(root) for line in _list_lines(node)]
    return SCRIPT.replace("@ASK@", ASK_CAMERAS).replace("@LINES@", "\n".join(lines))


def _list_lines(node: Node) -> Iterator[str]:
    """Commands are offered right behind their group, options anywhere behind their command."""
    words = "".join(f" {word}" for word in node.path)
    here = f"complete -c v380 -n '__v380_is{words}'"
    below = f"complete -c v380 -n '__v380_in{words}'" if node.path else here
    for child in node.children:
        yield f"{here} -a {child.name} -d '{child.summary}'"
    if node.argument and (
        values := _format_choices(node.argument) or ARGUMENTS.get(node.argument.value)
    ):
        yield f"{below} {values}"
    for option in node.options:
        parts = [_format_names(option), _format_choices(option) or VALUES.get(option.value, "")]
        yield " ".join([below, *filter(None, parts), f"-d '{option.summary}'"])


def _format_names(option: Option) -> str:
    return " ".join(
        f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names
    )


def _format_choices(option: Option) -> str:
    return f"-x -a '{' '.join(option.choices)}'" if option.choices else ""


SCRIPT = r"""# fish completion for v380, written by `v380 completion fish`

function __v380_cameras
    env @ASK@
end

function __v380_words
    commandline -opc | tail -n +2 | string match -v -- '-*'
end

function __v380_is
    set -l words (__v380_words)
    test "$words" = "$argv"
end

function __v380_in
    set -l words (__v380_words)
    set -l count (count $argv)
    test (count $words) -ge $count; and test "$words[1..$count]" = "$argv"
end

complete -c v380 -f
@LINES@
"""
