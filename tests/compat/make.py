#!/usr/bin/env python3
"""Makes the files of a format version that later releases must go on reading.

usage: tests/compat/make.py COMMAND [FOLDER]

Into FOLDER (tests/compat/format1) go models of arrays, pictures and a table, checkpoints in the
middle of their trainings, the data that they are used on, and what COMMAND says of these: cases.txt
has a line for each: a file of expected text, how exactly it must be met, and the command's words.
checkpoints.txt has a line for each checkpoint: its data, and the model that it is to become.

    bits   the same text: what mode reproducible promises on every processor
    close  numbers to 1e-6 of their size: importance weights use the C library's exp and log

Once per format version, by the release that introduces it. Do it again only before that release.
"""
import json
import math
import os
import shutil
import struct
import subprocess
import sys

WORK = "/tmp/diabolo-compat"  # a checkpoint keeps the place of its data: one for everybody
FIT = ["--mode", "reproducible", "--threads", "1", "--quiet", "--patience", "0"]
ARRAY = ["--latent", "2", "--hidden", "6", "--batch-size", "16", "--epochs", "60",
         "--learning-rate", "0.01"]
TABLE = ["--latent", "3", "--hidden", "6", "--epochs", "12", "--likelihood", "share=bins",
         "--likelihood", "heavy=student", "--prior.components", "2", "--kind", "size=positive",
         "--valid", "0.2"]


def npy(name, descr, shape, form, values):
    header = "{'descr': '%s', 'fortran_order': False, 'shape': %s, }" % (descr, shape)
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    with open(name, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
        file.write(struct.pack("<%d%s" % (len(values), form), *values))


def noise(i):
    """A number in 0..1 that looks drawn, the same everywhere."""
    return (i * 2654435761 % 4294967296) / 4294967296


def make_data():
    npy("array.npy", "<f4", (48, 4), "f",
        [3 * math.sin(0.7 * t + d) * (d + 1) + noise(4 * t + d) for t in range(48)
         for d in range(4)])
    npy("pictures.npy", "|u1", (40, 5, 5), "B",
        [int((200 if p % 5 == t % 5 else 10) + 50 * noise(25 * t + p)) for t in range(40)
         for p in range(25)])
    with open("table.csv", "w") as file:
        file.write("id,when,colour,stars,weight,share,flag,size,heavy,fixed\n")
        for i in range(160):
            t = 2 * noise(7 * i) - 1
            cells = [f"k{i:03}", f"2021-{1 + int(6 * (t + 1)) % 12:02}-{1 + i % 28:02}",
                     "red" if t < -0.4 else "green" if t < 0.3 else "dark blue",
                     "1235"[int(2 * (t + 1)) % 4], f"{50 + 10 * t + noise(i):.1f}",
                     f"{100 * noise(3 * i) * (t + 1) / 2:.3f}", "yes" if t > 0 else "no",
                     f"{math.exp(2 * t + noise(i)):.4f}",
                     f"{t / (0.02 + noise(11 * i)):.3f}", "7"]
            file.write(",".join("" if 0 < j < 9 and noise(31 * i + j) < 0.08 else cell
                                for j, cell in enumerate(cells)) + "\n")
    with open("table.csv") as file:
        header, *lines = file.readlines()
    with open("rows.csv", "w") as file:  # a few with holes, a few without
        file.writelines([header] + [x for x in lines if ",," in x][:6] + lines[:2])


def run(command, *words):
    return subprocess.run([command, *words], check=True, capture_output=True).stdout.decode()


def fit(command, name, data, *options):
    run(command, "fit", data, "-o", name, *options, *FIT)
    shutil.copy(f"{name}/model.safetensors", f"{name}.safetensors")


def training_of(file):
    """What a checkpoint says of its training, and the names of its tensors."""
    size, = struct.unpack("<Q", file[:8])
    header = json.loads(file[8:8 + size])
    return json.loads(header["__metadata__"]["training"]), header


def stop(command, name, data, options, has_come):
    """The checkpoint of a fit at a moment that `has_come` chooses: one is written after each step."""
    place = "stopped/checkpoint.safetensors"
    shutil.rmtree("stopped", ignore_errors=True)
    begun = subprocess.Popen([command, "fit", data, "-o", "stopped", *options, *FIT,
                              "--checkpoint-every", "0"], stderr=subprocess.DEVNULL)
    while begun.poll() is None:
        if os.path.exists(place):
            with open(place, "rb") as file:
                whole = file.read()
            if has_come(*training_of(whole)):
                begun.kill()
                begun.wait()
                with open(name, "wb") as file:
                    file.write(whole)
                return
    sys.exit(f"make.py: the fit was through before it was stopped for {name}; start again")


# Checkpoint, data, the model that it is to become, options of that, and when.
CHECKPOINTS = [
    ("early.checkpoint.safetensors", "array.npy", "array", ARRAY,
     lambda t, h: 4 < t["model"]["epoch"] < 15 and t["model"]["step_of_epoch"] > 0),
    ("trimmed.checkpoint.safetensors", "array.npy", "array", ARRAY,
     lambda t, h: t["model"]["epoch"] < 50 and "training.rows" in h),
    ("table.checkpoint.safetensors", "table.csv", "table", TABLE,
     lambda t, h: 2 < t["model"]["epoch"] < 11 and t["model"]["step_of_epoch"] > 0),
    ("partial.checkpoint.safetensors", "table.csv", "table", TABLE,
     lambda t, h: t["model"]["is_over"] and 1 < t["partial"]["epoch"] < 12),
]

CASES = """
array.encode.csv bits encode array.safetensors array.npy
array.decode.csv bits decode array.safetensors codes.npy
array.sample.csv bits sample array.safetensors -n 5 --seed 3
array.reconstruct.csv bits reconstruct array.safetensors array.npy
array.score.csv close score array.safetensors array.npy
array.evaluate.json close evaluate array.safetensors array.npy --samples 8 --json
pictures.encode.csv bits encode pictures.safetensors pictures.npy
pictures.sample.csv bits sample pictures.safetensors -n 2 --seed 3
pictures.score.csv close score pictures.safetensors pictures.npy
pictures.evaluate.json close evaluate pictures.safetensors pictures.npy --samples 8 --json
table.encode.csv bits encode table.safetensors rows.csv
table.sample.csv bits sample table.safetensors -n 8 --seed 3 --missing-like-data
table.score.csv close score table.safetensors rows.csv
table.impute.csv close impute table.safetensors rows.csv
table.predict.csv close predict table.safetensors rows.csv --target colour
table.evaluate.json close evaluate table.safetensors rows.csv --samples 8 --json
"""


def main():
    command = os.path.abspath(sys.argv[1])
    here = os.path.dirname(os.path.abspath(__file__))
    folder = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else os.path.join(here, "format1")
    shutil.rmtree(WORK, ignore_errors=True)
    os.makedirs(WORK)
    os.chdir(WORK)
    make_data()
    fit(command, "array", "array.npy", *ARRAY)
    fit(command, "pictures", "pictures.npy", "--latent", "2", "--hidden", "5", "--epochs", "20",
        "--likelihood", "bernoulli")
    fit(command, "table", "table.csv", *TABLE)
    for name, data, _, options, has_come in CHECKPOINTS:
        stop(command, name, data, options, has_come)
    npy("codes.npy", "<f4", (4, 2), "f", [-1.5, 0.25, 0, 0, 0.5, -0.75, 2, 1])
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    for name in ("array.npy", "pictures.npy", "codes.npy", "table.csv", "rows.csv",
                 "array.safetensors", "pictures.safetensors", "table.safetensors",
                 *(checkpoint[0] for checkpoint in CHECKPOINTS)):
        shutil.copy(name, folder)
    for line in CASES.split("\n"):
        if line:
            name, _, *words = line.split(" ")
            with open(os.path.join(folder, name), "w") as file:
                file.write(run(command, *words))
    with open(os.path.join(folder, "cases.txt"), "w") as file:
        file.write(CASES.strip() + "\n")
    with open(os.path.join(folder, "checkpoints.txt"), "w") as file:
        file.writelines(f"{name} {data} {model}\n" for name, data, model, *_ in CHECKPOINTS)
    shutil.rmtree(WORK)


main()
