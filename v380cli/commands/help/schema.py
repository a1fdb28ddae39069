"""JSON Schemas of what commands print, made of the types in `shapes/`."""

import datetime as dt
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

from v380cli.commands.help.shapes import DOCUMENTS, LINES
from v380cli.commands.help.shapes.cameras import Error

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]
PLAIN: dict[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    NoneType: {"type": "null"},
    dt.datetime: {"type": "string", "format": "date-time"},
    Any: {},
}


def list_schemas() -> dict[str, Schema]:
    """All of them by the names of their files, as `recordings-list.json`."""
    documents = {_name(words): make_schema(words, "--json") for words in DOCUMENTS}
    lines = {_name(f"{words} lines"): make_schema(words, "--jsonl") for words in LINES}
    return dict(sorted((documents | lines).items()))


def make_schema(words: str, option: str) -> Schema:
    """What `v380 WORDS` prints: its result, or an error."""
    shape = (DOCUMENTS if option == "--json" else LINES)[words]
    definitions: dict[str, Schema] = {}
    result = _describe(shape, definitions)
    error = _describe(Error, definitions)
    failed = {"type": "object", "properties": {"error": error}, "required": ["error"]}
    return {
        "$schema": DIALECT,
        "title": f"v380 {words} {option}",
        "anyOf": [*result.get("anyOf", [result]), failed],
        "$defs": dict(sorted(definitions.items())),
    }


def _name(words: str) -> str:
    return f"{words.replace(' ', '-')}.json"


def _describe(shape: Any, definitions: dict[str, Schema]) -> Schema:
    if shape in PLAIN:
        return PLAIN[shape]
    if is_typeddict(shape):
        return _define(shape, definitions)
    values = get_args(shape)
    match get_origin(shape):
        case origin if origin in (Union, UnionType):
            return {"anyOf": [_describe(each, definitions) for each in values]}
        case origin if origin is Literal:
            return {"enum": list(values)}
        case origin if origin is list:
            return {"type": "array", "items": _describe(values[0], definitions)}
        case origin if origin is dict:
            return {"type": "object", "additionalProperties": _describe(values[1], definitions)}
    raise TypeError(f"{shape} has no schema")


def _define(shape: Any, definitions: dict[str, Schema]) -> Schema:
    name = shape.__name__
    if name not in definitions:
        definitions[name] = {}  # so that a shape may be part of itself
        properties = {
            key: _describe(kind, definitions) for key, kind in get_type_hints(shape).items()
        }
        required = [key for key in properties if key in shape.__required_keys__]
        definitions[name] = {"type": "object", "properties": properties, "required": required}
    return {"$ref": f"#/$defs/{name}"}
