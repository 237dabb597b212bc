"""Exchanges files with the reference implementation of safetensors, both ways.

    python tests/io/python_test.py COPY_PROGRAM

The reference writes a file, our program reads and writes it again, the reference reads that.
"""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

program = None


def read(path):
    with safe_open(path, framework="numpy") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, file.metadata()


def parts(path):
    """The header and the data of a file."""
    data = path.read_bytes()
    begin = 8 + int.from_bytes(data[:8], "little")
    return data[8:begin], data[begin:]


class Exchange(unittest.TestCase):
    def exchange(self, tensors, metadata):
        with tempfile.TemporaryDirectory() as folder:
            theirs, ours = Path(folder, "theirs.safetensors"), Path(folder, "ours.safetensors")
            save_file(tensors, theirs, metadata=metadata)
            subprocess.run([program, theirs, ours], check=True)
            got, got_metadata = read(ours)
            self.assertEqual(got_metadata or {}, metadata or {})
            self.assertEqual(got.keys(), tensors.keys())
            for name, wanted in tensors.items():
                self.assertEqual(got[name].dtype, wanted.dtype, name)
                self.assertEqual(got[name].shape, wanted.shape, name)
                self.assertEqual(got[name].tobytes(), wanted.tobytes(), name)
            (their_header, their_data), (our_header, our_data) = parts(theirs), parts(ours)
            self.assertEqual((8 + len(our_header)) % 64, 0)
            self.assertEqual(our_data, their_data)
            if len(metadata or {}) < 2:  # the reference writes metadata in no fixed order
                self.assertEqual(our_header.rstrip(), their_header.rstrip())

    def test_all_types_and_ranks(self):
        random = np.random.default_rng(0)
        tensors = {}
        for rank in range(7):
            shape = tuple(range(1, rank + 1))
            for dtype in ("f4", "f8", "u1", "i4", "u8"):
                values = random.integers(0, 255, shape).astype(dtype)
                tensors[f"{dtype}.{rank}"] = values
        self.exchange(tensors, {"format": "diabolo"})

    def test_names_and_metadata_of_all_characters(self):
        texts = ["", " ", '"\\/\b\f\n\r\t', "\x01\x1f\x7f", "\xfc\u20ac\u6f22\U0001f600", "a.b/c"]
        tensors = {text: np.array([i], "f4") for i, text in enumerate(texts)}
        self.exchange(tensors, {text: text for text in texts})
        for text in texts:
            self.exchange(tensors, {"text": text})

    def test_special_values(self):
        values = [0.0, -0.0, np.inf, -np.inf, np.nan, 5e-324, 1.7976931348623157e308]
        with np.errstate(over="ignore"):
            tensors = {"f8": np.array(values, "f8"), "f4": np.array(values, "f8").astype("f4")}
        tensors["u8"] = np.array([0, 2**64 - 1], "u8")
        tensors["i4"] = np.array([-(2**31), 2**31 - 1], "i4")
        self.exchange(tensors, None)

    def test_nothing_and_empty_tensors(self):
        self.exchange({}, None)
        self.exchange({}, {"only": "metadata"})
        self.exchange({"b": np.zeros((0, 3), "f4"), "a": np.zeros((2, 0), "u1")}, None)

    def test_many_tensors_larger_than_a_buffer(self):
        tensors = {f"layer.{i}": np.full((300, 100), i, "f4") for i in range(20)}
        self.exchange(tensors, {"k": "v" * 100_000})


if __name__ == "__main__":
    program = sys.argv.pop(1)
    unittest.main()
