"""Tiny ONNX files, encoded by hand: nets whose answers one can work out in the head."""

import struct
from collections.abc import Sequence

FLOAT, INT64 = 1, 7  # TensorProto.DataType
ATTRIBUTE_INTS = 7


def make_brightness_net(size: int, cells: int, *, with_objectness: bool) -> bytes:
    """A net that looks like YOLO's: in each of `cells` x `cells` parts of the picture it is as sure
    of a person as that part is redder than it is green, and never of anything else.

    Its output is 1 x (4 + 2) x N, or with objectness, which is always 1, 1 x N x (5 + 2).
    """
    stride = size // cells
    rows = 7 if with_objectness else 6
    person = 5 if with_objectness else 4
    area = stride * stride
    weights = [0.0] * (rows * 3 * area)
    first = person * 3 * area  # of the red plane; green follows
    weights[first : first + area] = [1 / area] * area
    weights[first + area : first + 2 * area] = [-1 / area] * area
    biases = [0.0] * rows
    if with_objectness:
        biases[4] = 1.0
    count = cells * cells
    nodes = [
        _node("Conv", ["images", "w", "b"], ["maps"], strides=[stride, stride], shape=[stride] * 2),
        _node("Reshape", ["maps", "s"], ["flat" if with_objectness else "output0"]),
    ]
    if with_objectness:
        nodes.append(_node("Transpose", ["flat"], ["output0"], perm=[0, 2, 1]))
    tensors = [
        _tensor("w", [rows, 3, stride, stride], weights),
        _tensor("b", [rows], biases),
        _tensor("s", [3], [1, rows, count], INT64),
    ]
    shape = [1, count, rows] if with_objectness else [1, rows, count]
    graph = b"".join(_field(1, node) for node in nodes)
    graph += _field(2, b"tiny")
    graph += b"".join(_field(5, tensor) for tensor in tensors)
    graph += _field(11, _value("images", [1, 3, size, size]))
    graph += _field(12, _value("output0", shape))
    return _number(1, 8) + _field(7, graph) + _field(8, _field(1, b"") + _number(2, 13))


def _node(
    kind: str, inputs: Sequence[str], outputs: Sequence[str], **attributes: list[int]
) -> bytes:
    names = {"shape": "kernel_shape"}
    data = b"".join(_field(1, name.encode()) for name in inputs)
    data += b"".join(_field(2, name.encode()) for name in outputs)
    data += _field(4, kind.encode())
    for name, values in attributes.items():
        attribute = _field(1, names.get(name, name).encode())
        attribute += b"".join(_number(8, value) for value in values)
        data += _field(5, attribute + _number(20, ATTRIBUTE_INTS))
    return data


def _tensor(name: str, shape: Sequence[int], values: Sequence[float], kind: int = FLOAT) -> bytes:
    letter = "f" if kind == FLOAT else "q"
    data = b"".join(_number(1, side) for side in shape) + _number(2, kind)
    return (
        data + _field(8, name.encode()) + _field(9, struct.pack(f"<{len(values)}{letter}", *values))
    )


def _value(name: str, shape: Sequence[int]) -> bytes:
    sides = b"".join(_field(1, _number(1, side)) for side in shape)
    tensor = _number(1, FLOAT) + _field(2, sides)
    return _field(1, name.encode()) + _field(2, _field(1, tensor))


def _field(number: int, data: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _varint(value: int) -> bytes:
    data = bytearray()
    while value > 127:
        data.append(value & 127 | 128)
        value >>= 7
    return bytes([*data, value])
