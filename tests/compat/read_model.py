#!/usr/bin/env python3
"""Reads models as docs/format.md describes them, with nothing but Python, and computes with them.

usage: tests/compat/read_model.py COMMAND FOLDER

Mean codes of rows, and means of the data at codes, are compared with those of COMMAND. If this
needs something that docs/format.md does not say, the page is to be completed.
"""
import bisect
import csv
import datetime
import json
import math
import os
import struct
import subprocess
import sys

TOLERANCE = 2e-5  # the command computes in 32 bits, this in 64

ELEMENTS = {"F32": "f", "F64": "d", "I32": "i", "U64": "Q", "U8": "B"}


def read_safetensors(path):
    """(metadata, {name: (shape, numbers)})."""
    with open(path, "rb") as file:
        data = file.read()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, tensor in header.items():
        first, end = (8 + length + offset for offset in tensor["data_offsets"])
        count = math.prod(tensor["shape"])
        tensors[name] = (tensor["shape"],
                         struct.unpack(f"<{count}{ELEMENTS[tensor['dtype']]}", data[first:end]))
    return metadata, tensors


def read_npy(path):
    """Rows of numbers, flattened, of a file of version 1."""
    with open(path, "rb") as file:
        data = file.read()
    begin = 10 + struct.unpack("<H", data[8:10])[0]
    header = data[10:begin].decode()
    form = {"<f4": "f", "|u1": "B"}[header.split("'descr': '")[1].split("'")[0]]
    shape = [int(n) for n in header.split("'shape': (")[1].split(")")[0].split(",") if n.strip()]
    numbers = struct.unpack(f"<{math.prod(shape)}{form}", data[begin:])
    width = math.prod(shape[1:])
    return [numbers[i:i + width] for i in range(0, len(numbers), width)]


ACTIVATIONS = {
    "relu": lambda x: max(x, 0.0),
    "gelu": lambda x: 0.5 * x * (1 + math.erf(x / math.sqrt(2))),
    "silu": lambda x: x * sigmoid(x),
    "tanh": math.tanh,
    "softplus": lambda x: max(x, 0.0) + math.log1p(math.exp(-abs(x))),
    "elu": lambda x: x if x > 0 else math.expm1(x),
    "sigmoid": lambda x: sigmoid(x),
    "identity": lambda x: x,
}


def sigmoid(x):
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def levels_of(column):
    return int(column["likelihood"]["settings"]["levels"])


def number_of(column, text):
    """What a text of a table means: dates are seconds since 1970."""
    if column["type"] == "date":
        day = datetime.datetime.strptime(text, column.get("date_format", "%Y-%m-%d"))
        return (day - datetime.datetime(1970, 1, 1)).total_seconds()
    if column["type"] == "boolean":
        return float(text == column["date_format"].split("/")[0])
    return float(text)


def to_cell(column, text):
    if text == "":
        return None
    code = column["code"]
    if "levels" in column:  # a text that the model does not know is missing
        return float(column["levels"].index(text)) if text in column["levels"] else None
    x = number_of(column, text)
    if code["form"] == "levels":
        return float(column["values"].index(x)) if x in column["values"] else None
    if code["form"] == "linear":
        return (x - code["shift"]) / code["scale"]
    if code["form"] == "log":
        return (math.log(x - code["origin"]) - code["shift"]) / code["scale"]
    edges = code["edges"]
    b = min(max(bisect.bisect_right(edges, x) - 1, 0), len(edges) - 2)
    if b >= 1 and edges[b - 1] == edges[b] == x:  # a bin of one value
        b -= 1
    width = edges[b + 1] - edges[b]
    return b + (min(max((x - edges[b]) / width, 0.0), 1 - 1e-6) if width > 0 else 0.5)


class Model:
    def __init__(self, path):
        metadata, self.tensors = read_safetensors(path)
        assert metadata["format"] == "diabolo"
        self.about = json.loads(metadata["diabolo"])
        assert self.about["format"] == 1 and self.about["numerics"] == 1

    def part(self, name):
        return self.about["composition"][name]

    def product(self, name, x):
        (inputs, outputs), weight = self.tensors[name + ".weight"]
        assert len(x) == inputs, (name, len(x), inputs)
        return [math.fsum(x[i] * weight[i * outputs + j] for i in range(inputs))
                for j in range(outputs)]

    def dense(self, name, x, ones=()):
        y = self.product(name, x)
        if ones:
            y = [a + b for a, b in zip(y, self.product(name + ".ones", ones))]
        return [a + b for a, b in zip(y, self.tensors[name + ".bias"][1])]

    def network(self, name, x, ones=()):
        choice = self.part(name.split(".")[-1])
        assert choice["type"] == "mlp"
        activation = ACTIVATIONS[choice["settings"]["activation"]]
        hidden = choice["settings"]["hidden"]
        for layer, _ in enumerate(hidden.split(",") if hidden else []):
            x = [activation(y) for y in self.dense(f"{name}.{layer}", x, ones)]
            ones = ()
        return x

    def each(self, name, count):
        numbers = self.tensors[name][1]
        return numbers * count if len(numbers) == 1 else numbers

    def encode(self, row):
        """The mean code of a row in the data's units."""
        assert self.about["data"]["binarize"] == "none" and not self.part("missing")
        shift, scale = self.each("data.shift", len(row)), self.each("data.scale", len(row))
        x = [(x - s) / by for x, s, by in zip(row, shift, scale)]
        return self.dense("posterior.mean", self.network("encoder", x))

    def columns(self):
        """The columns of a table in the order of its cells, each with the likelihood of it."""
        def is_of(likelihood, group):
            return likelihood["type"] == group["type"] and all(
                group["settings"][key] == value for key, value in likelihood["settings"].items()
                if key != "levels")
        ordered = []
        for group in self.part("columns"):
            of_group = [column for column in self.about["schema"]["columns"]
                        if column["used"] and is_of(column["likelihood"], group)]
            assert len(of_group) == group["columns"]
            if group["type"] in ("categorical", "bins"):
                of_group.sort(key=levels_of)
            ordered += of_group
        return ordered

    def encode_table(self, row):
        """The mean code of a row of texts by the names of columns."""
        numbers, ones, missing = [], [], []
        for column in self.columns():
            cell = to_cell(column, row[column["name"]])
            missing.append(1.0 if cell is None else 0.0)
            if column["likelihood"]["type"] in ("categorical", "bins"):
                ones += [1.0 if cell is not None and math.floor(cell) == level else 0.0
                         for level in range(levels_of(column))]
            else:
                numbers.append(0.0 if cell is None else cell)
        if self.part("missing"):
            numbers += missing
        prefix = "partial." if self.part("partial") and any(missing) else ""
        return self.dense(prefix + "posterior.mean",
                          self.network(prefix + "encoder", numbers, ones))

    def decode(self, code):
        """The mean of the data at a code, in the data's units."""
        features = self.network("decoder", code)
        kind = self.part("likelihood")["type"]
        if kind == "normal":
            mean = self.dense("likelihood.mean", features)
        else:
            assert kind == "bernoulli"
            mean = [sigmoid(x) for x in self.dense("likelihood.logits", features)]
        shift, scale = self.each("data.shift", len(mean)), self.each("data.scale", len(mean))
        return [m * by + s for m, s, by in zip(mean, shift, scale)]


def compare(what, ours, theirs):
    assert len(ours) == len(theirs) > 0, what
    worst = 0.0
    for a, b in zip(ours, theirs):
        assert len(a) == len(b) > 0, what
        for x, y in zip(a, b):
            worst = max(worst, abs(x - y) / (1 + abs(y)))
    if not worst < TOLERANCE:
        sys.exit(f"{what}: expected the command's numbers to {TOLERANCE}, got one {worst} away")
    print(f"{what}: {len(ours)} rows, at most {worst:.1e} away")


def main():
    command, folder = os.path.abspath(sys.argv[1]), sys.argv[2]

    def rows_of(*words):
        done = subprocess.run([command, *words], cwd=folder, capture_output=True)
        if done.returncode != 0:
            sys.exit(done.stderr.decode())
        return [[float(cell) for cell in line.split(",")]
                for line in done.stdout.decode().splitlines()[1:]]

    model = Model(os.path.join(folder, "table.safetensors"))
    with open(os.path.join(folder, "rows.csv"), newline="") as file:
        codes = [model.encode_table(row) for row in csv.DictReader(file)]
    # What the command said when the files were made, so that tables need not be there.
    with open(os.path.join(folder, "table.encode.csv"), newline="") as file:
        _, *theirs = csv.reader(file)
    compare("codes of table", codes, [[float(cell) for cell in row] for row in theirs])
    for name in "array", "pictures":
        model = Model(os.path.join(folder, name + ".safetensors"))
        rows = read_npy(os.path.join(folder, name + ".npy"))
        compare(f"codes of {name}", [model.encode(row) for row in rows],
                rows_of("encode", name + ".safetensors", name + ".npy"))
        codes = read_npy(os.path.join(folder, "codes.npy"))
        compare(f"means of {name}", [model.decode(code) for code in codes],
                rows_of("decode", name + ".safetensors", "codes.npy"))


main()
