"""Makes a Python function a worker of Salver, the model server.

    from salver_worker import serve

    def predict(x):
        return {"label": x.sum(axis=1) > 0}

    serve(predict, inputs={"x": ("float32", [-1, 4])}, outputs={"label": ("bool", [-1])})

The function is called with one numpy array for each input, by name, and returns a dictionary of
arrays by output, or, if there is one output, the array. In place of an array there may be a function
without parameters, which is called if the request asks for that output. Strings are arrays of bytes objects. Inputs
are views of memory that is used again after the call: copy what is to be kept. `InvalidInput` and
what the declared types and shapes exclude are the caller's fault; whatever else is raised is the
model's, and fails that request. What is printed goes to the server's log.

`python3 -m salver_worker model.pkl` serves a pickled scikit-learn model. Loading a pickle runs
whatever code is in it.

Needs Python 3.8 and numpy. The protocol is described in docs/reference/worker-protocol.md.
"""

import ctypes
import mmap
import os
import signal
import socket
import struct
import sys
import traceback
from functools import partial

import numpy

__all__ = ["InvalidInput", "serve"]

_MAGIC = b"SWP1"
_HEADER = struct.Struct("<4sBxxxII")
_HELLO, _RUN, _RESULT, _ERROR, _PING, _PONG = range(1, 7)
_INVALID_ARGUMENT, _RESOURCE_EXHAUSTED, _INTERNAL = 3, 8, 13
_ABSENT, _INLINE, _SHARED = range(3)
_SHARED_FROM_BYTES = 64 << 10
_OTHER_SIGNATURE = 0xFFFF
_UNKNOWN_RANK = 255
_MAX_MESSAGE_BYTES = 16 << 10

# By number; the two that numpy does not have come as their 16 bits and as objects of bytes.
_NAMES = [
    "bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64", "float16",
    "bfloat16", "float32", "float64", "complex64", "complex128", "string",
]
_CODES = {name: code for code, name in enumerate(_NAMES, 1)}
_STRING = _CODES["string"]
_TYPES = {
    code: numpy.dtype({"bfloat16": "uint16", "string": "O"}.get(name, name))
    for name, code in _CODES.items()
}


class InvalidInput(ValueError):
    """The request's inputs are wrong: the caller is told so."""


class _Spec:
    def __init__(self, name, declared):
        dtype, shape = declared
        if dtype not in _CODES:
            raise ValueError("%s: type %r (expected: one of %s)" % (name, dtype, _NAMES))
        self.name, self.code, self.dtype = name, _CODES[dtype], dtype
        self.shape = None if shape is None else [int(dim) for dim in shape]

    def encode(self):
        shape = b"\xff" if self.shape is None else _dims(self.shape)
        return _string(self.name) + _string(self.name) + bytes([self.code, 0]) + shape

    def __str__(self):
        return "%s%s" % (self.dtype, "" if self.shape is None else self.shape)

    def accepts(self, code, shape):
        return code == self.code and (
            self.shape is None
            or len(shape) == len(self.shape)
            and all(want in (-1, have) for want, have in zip(self.shape, shape))
        )


def serve(predict, inputs, outputs, signature="serving_default", memory_bytes=0):
    """Serves `predict` until the server closes the connection; does not return.

    `inputs` and `outputs` map names to (type, shape), where the type is a name as "float32" or
    "string", and a dimension of -1 may be of any size; `None` in place of a shape is any shape.
    """
    _end_with_the_server()
    inputs = [_Spec(name, declared) for name, declared in inputs.items()]
    outputs = [_Spec(name, declared) for name, declared in outputs.items()]
    directory = os.environ["SALVER_WORKER_DIRECTORY"]
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.connect(os.path.join(directory, "worker.sock"))
    _send(connection, _HELLO, 0, _description(signature, inputs, outputs, memory_bytes))
    _Worker(connection, directory, predict, inputs, outputs).loop()
    os._exit(0)


def _end_with_the_server():
    """Where the server dies without a word, the kernel ends this process."""
    try:
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    except (AttributeError, OSError):
        pass


def _description(signature, inputs, outputs, memory_bytes):
    return b"".join(
        [struct.pack("<qH", memory_bytes, 1), _string(signature), _string("")]
        + [struct.pack("<H", len(inputs))] + [spec.encode() for spec in inputs]
        + [struct.pack("<H", len(outputs))] + [spec.encode() for spec in outputs]
        + [struct.pack("<H", 0)]
    )


def _string(text):
    data = text.encode("utf-8")
    return struct.pack("<I", len(data)) + data


def _dims(shape):
    return struct.pack("<B%dq" % len(shape), len(shape), *shape)


def _send(connection, frame_type, sequence, body):
    connection.sendall(_HEADER.pack(_MAGIC, frame_type, sequence, len(body)) + body)


class _Worker:
    def __init__(self, connection, directory, predict, inputs, outputs):
        self.connection, self.directory, self.predict = connection, directory, predict
        self.inputs, self.outputs = inputs, outputs
        self.segments = {}
        self.buffer = bytearray(64 << 10)

    def loop(self):
        header = memoryview(bytearray(_HEADER.size))
        while self._receive(header):
            magic, frame_type, sequence, size = _HEADER.unpack(header)
            if magic != _MAGIC:
                raise RuntimeError("the server does not speak this protocol: %r" % magic)
            body = self._body(size)
            if frame_type == _PING:
                _send(self.connection, _PONG, sequence, b"")
            elif frame_type == _RUN:
                self._run(sequence, body)
            else:
                raise RuntimeError("frame of type %d (expected: RUN or PING)" % frame_type)

    def _receive(self, target):
        """Fills `target`; false if the server has closed the connection."""
        have = 0
        while have < len(target):
            count = self.connection.recv_into(target[have:])
            if count == 0:
                return False
            have += count
        return True

    def _body(self, size):
        if size > len(self.buffer) or len(self.buffer) > 16 << 20:
            self.buffer = bytearray(max(size, 64 << 10))
        body = memoryview(self.buffer)[:size]
        if not self._receive(body):
            os._exit(0)
        return body

    def _run(self, sequence, body):
        try:
            answer = self._answer(_Reader(body, self._segment))
        except InvalidInput as e:
            self._fail(sequence, _INVALID_ARGUMENT, str(e))
        except MemoryError as e:
            # What is left behind by a run that broke off like this, nobody knows.
            self._fail(sequence, _RESOURCE_EXHAUSTED, "out of memory: %s" % e)
            print("out of memory: the worker ends", file=sys.stderr, flush=True)
            os._exit(1)
        except Exception as e:
            traceback.print_exc()
            self._fail(sequence, _INTERNAL, "%s: %s" % (type(e).__name__, e))
        else:
            _send(self.connection, _RESULT, sequence, b"".join(answer))

    def _fail(self, sequence, category, message):
        data = message.encode("utf-8", "replace")[:_MAX_MESSAGE_BYTES]
        body = struct.pack("<BI", category, len(data)) + data
        _send(self.connection, _ERROR, sequence, body)

    def _segment(self, number):
        found = self.segments.get(number)
        if found is None:
            path = os.path.join(self.directory, "segment-%d" % number)
            with open(path, "r+b") as file:
                found = self.segments[number] = mmap.mmap(file.fileno(), 0)
        return found

    def _answer(self, reader):
        for _ in range(reader.take("H")):
            self.segments.pop(reader.take("I"), None)
        number = reader.take("I")
        segment = self._segment(number) if number else None
        reader.take("q")
        outputs = self.outputs
        if reader.take("H") == _OTHER_SIGNATURE:
            raise InvalidInput("signature: not one of the model's own (expected: its only one)")
        wanted = [reader.take("B") for _ in range(reader.take("H"))]
        tensors = reader.tensors()
        if len(tensors) != len(self.inputs):
            raise InvalidInput("inputs: %d (expected: %d)" % (len(tensors), len(self.inputs)))
        arguments = {}
        for spec, tensor in zip(self.inputs, tensors):
            if tensor is None:
                raise InvalidInput('input "%s": missing' % spec.name)
            code, array = tensor
            if not spec.accepts(code, array.shape):
                raise InvalidInput(
                    'input "%s": %s%s (expected: %s)'
                    % (spec.name, _NAMES[code - 1], list(array.shape), spec)
                )
            arguments[spec.name] = array
        result = self.predict(**arguments)
        if not isinstance(result, dict):
            if len(outputs) != 1:
                raise TypeError("predict returned %s (expected: a dict)" % type(result).__name__)
            result = {outputs[0].name: result}
        return _encode(
            [
                _output(spec, result) if want else None
                for spec, want in zip(outputs, wanted)
            ],
            number,
            segment,
        )


def _output(spec, result):
    if spec.name not in result:
        raise ValueError('output "%s" is not among %s' % (spec.name, sorted(result)))
    value = result[spec.name]
    array = numpy.asarray(value() if callable(value) else value)
    if spec.code != _STRING:
        array = numpy.ascontiguousarray(array, dtype=_TYPES[spec.code]).reshape(array.shape)
    if not spec.accepts(spec.code, array.shape):
        raise ValueError(
            'output "%s": shape %s (expected: %s)' % (spec.name, list(array.shape), spec)
        )
    return spec.code, array


class _Reader:
    """Reads what the server has sent."""

    def __init__(self, body, segment):
        self.body, self.position, self.segment = body, 0, segment

    def take(self, kind):
        (value,) = struct.unpack_from("<" + kind, self.body, self.position)
        self.position += struct.calcsize("<" + kind)
        return value

    def tensors(self):
        heads = [self._head() for _ in range(self.take("H"))]
        return [None if head is None else self._tensor(*head) for head in heads]

    def _head(self):
        place = self.take("B")
        if place == _ABSENT:
            return None
        code = self.take("B")
        shape = [self.take("q") for _ in range(self.take("B"))]
        size = self.take("q")
        where = (self.take("I"), self.take("q")) if place == _SHARED else None
        return code, shape, size, where

    def _tensor(self, code, shape, size, where):
        if where is None:
            self.position += -self.position % 8
            source, offset = self.body, self.position
            self.position += size
        else:
            source, offset = self.segment(where[0]), where[1]
        count = 1
        for dim in shape:
            count *= dim
        if code == _STRING:
            return code, _strings(memoryview(source)[offset:offset + size], count).reshape(shape)
        array = numpy.frombuffer(source, _TYPES[code], count, offset) if count else numpy.empty(
            0, _TYPES[code]
        )
        return code, array.reshape(shape)


def _strings(data, count):
    array = numpy.empty(count, dtype=object)
    at = 0
    for i in range(count):
        (length,) = struct.unpack_from("<I", data, at)
        array[i] = bytes(data[at + 4:at + 4 + length])
        at += 4 + length
    return array


def _encode(tensors, number, segment):
    """The parts of a frame's body."""
    parts, payloads = [struct.pack("<H", len(tensors))], []
    used = 0
    for tensor in tensors:
        if tensor is None:
            parts.append(b"\0")
            continue
        code, array = tensor
        data = _bytes(array) if code == _STRING else array
        size = len(data) if code == _STRING else array.nbytes
        shared = (
            segment is not None
            and size >= _SHARED_FROM_BYTES
            and used + size <= len(segment)
        )
        parts.append(bytes([_SHARED if shared else _INLINE, code]))
        parts.append(_dims(array.shape) + struct.pack("<q", size))
        if shared:
            parts.append(struct.pack("<Iq", number, used))
            source = numpy.frombuffer(data, numpy.uint8) if code == _STRING else array
            target = numpy.frombuffer(segment, source.dtype, source.size, used)
            target[:] = source.reshape(-1)
            used += (size + 63) & -64
        else:
            payloads.append(data if code == _STRING else array.tobytes())
    position = sum(len(part) for part in parts)
    for payload in payloads:
        padding = -position % 8
        parts += [bytes(padding), payload]
        position += padding + len(payload)
    return parts


def _bytes(array):
    parts = []
    for element in array.reshape(-1):
        data = element if isinstance(element, bytes) else str(element).encode("utf-8")
        parts += [struct.pack("<I", len(data)), data]
    return b"".join(parts)


def _load(path):
    if path.endswith(".joblib"):
        import joblib

        return joblib.load(path)
    import pickle

    with open(path, "rb") as file:
        return pickle.load(file)


def _output_type(sample):
    if sample.dtype.kind in "OUS":
        return "string"
    return str(sample.dtype) if str(sample.dtype) in _CODES else "float64"


def _serve_model(path):
    """Serves a scikit-learn model: `predict`, and `predict_proba` where the model has it."""
    model = _load(path)
    features = getattr(model, "n_features_in_", None)
    if features is None or not hasattr(model, "predict"):
        raise SystemExit(
            "%s: %s (expected: a fitted scikit-learn model with predict and n_features_in_;"
            " others are served by a model.py)" % (path, type(model).__name__)
        )
    sample = numpy.zeros((1, features))
    functions = {"predictions": model.predict}
    if hasattr(model, "predict_proba"):
        functions["probabilities"] = model.predict_proba
    outputs = {}
    for name, function in functions.items():
        value = numpy.asarray(function(sample))
        outputs[name] = (_output_type(value), [-1] + list(value.shape[1:]))

    def checked(function, x):
        try:
            return function(x)
        except ValueError as e:
            raise InvalidInput(str(e)) from e

    def predict(x):
        return {name: partial(checked, function, x) for name, function in functions.items()}

    serve(predict, {"x": ("float64", [-1, features])}, outputs)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python3 -m salver_worker model.pkl|model.joblib")
    _serve_model(sys.argv[1])
