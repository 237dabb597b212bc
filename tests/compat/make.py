#!/usr/bin/env python3
"""Makes the files of a format version that later releases must go on reading.

usage: tests/compat/make.py COMMAND [FOLDER]

Into FOLDER (tests/compat/format1) go models of arrays, pictures and a table, a checkpoint in the
middle of a training, the data that they are used on, and what COMMAND says of these: cases.txt has
a line for each: a file of expected text, how exactly it must be met, and the command's words.

    bits   the same text: what mode reproducible promises on every processor
    close  numbers to 1e-6 of their size: importance weights use the C library's exp and log

Once per format version, by the release that introduces it. Do it again only before that release.
"""
import math
import os
import shutil
import signal
import struct
import subprocess
import sys
import time

WORK = "/tmp/diabolo-compat"  # a checkpoint keeps the place of its data: one for everybody
FIT = ["--mode", "reproducible", "--threads", "1", "--quiet", "--patience", "0"]
ARRAY = ["--latent", "2", "--hidden", "6", "--batch-size", "16", "--epochs", "60",
         "--learning-rate", "0.01"]


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


def make_checkpoint(command):
    """Stops the fit of the array in the middle, wherever that is."""
    begun = subprocess.Popen([command, "fit", "array.npy", "-o", "stopped", *ARRAY, *FIT,
                              "--checkpoint-every", "0"],  # which takes its time
                             stderr=subprocess.DEVNULL)
    while begun.poll() is None:
        time.sleep(0.001)
        if os.path.exists("stopped/metrics.csv"):
            with open("stopped/metrics.csv") as file:
                if len(file.readlines()) > 9:
                    break
    begun.send_signal(signal.SIGINT)
    if begun.wait() != 130:
        sys.exit("make.py: the fit was through before it was stopped; give it more epochs")
    shutil.copy("stopped/checkpoint.safetensors", "checkpoint.safetensors")


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
    fit(command, "table", "table.csv", "--latent", "3", "--hidden", "6", "--epochs", "12",
        "--likelihood", "share=bins", "--likelihood", "heavy=student", "--prior.components", "2",
        "--kind", "size=positive", "--valid", "0.2")
    make_checkpoint(command)
    npy("codes.npy", "<f4", (4, 2), "f", [-1.5, 0.25, 0, 0, 0.5, -0.75, 2, 1])
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    for name in ("array.npy", "pictures.npy", "codes.npy", "rows.csv", "array.safetensors",
                 "pictures.safetensors", "table.safetensors", "checkpoint.safetensors"):
        shutil.copy(name, folder)
    for line in CASES.split("\n"):
        if line:
            name, _, *words = line.split(" ")
            with open(os.path.join(folder, name), "w") as file:
                file.write(run(command, *words))
    with open(os.path.join(folder, "cases.txt"), "w") as file:
        file.write(CASES.strip() + "\n")
    shutil.rmtree(WORK)


main()
