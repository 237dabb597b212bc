#!/usr/bin/env python3
"""Kills fits at random times, resumes them, and compares what they end with with unbroken runs.

usage: torture.py COMMAND [--kills N] [--table-kills N] [--seed N]

Fashion-MNIST in mode fast (one number of threads) and in mode reproducible (another number after
each kill), and a table with missing values. After each kill there must be a model or a checkpoint
that loads, once the fit had said that the training has started. At the end model.safetensors and
metrics.csv (but for its columns of times) must be the same to the byte.
"""
import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PICTURES = "/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz"
TIMES = {b"train_seconds", b"seconds", b"rows_per_second"}


def table(path, rows, seed):
    draw = random.Random(seed)
    hole = lambda text: "" if draw.random() < 0.1 else text
    with open(path, "w") as file:
        file.write("x,y,kind,count\n")
        for _ in range(rows):
            x = draw.gauss(0, 1)
            file.write(f"{hole(f'{x:.4f}')},{hole(f'{x * x + 0.1 * draw.gauss(0, 1):.3f}')},"
                       f"{hole('abc'[int(abs(x)) % 3])},{hole(str(int(3 * abs(x))))}\n")


def bytes_of(path):
    with open(path, "rb") as file:
        return file.read()


def untimed(path):
    """The bytes of metrics.csv without its columns of times; no cell has quotes."""
    lines = [line.split(b",") for line in bytes_of(path).split(b"\n")]
    kept = [i for i, name in enumerate(lines[0]) if name not in TIMES]
    assert len(kept) == len(lines[0]) - len(TIMES) and lines[-1] == [b""], path
    assert all(len(line) == len(lines[0]) for line in lines[:-1]), path
    return [[line[i] for i in kept] for line in lines[:-1]]


class Job:
    def __init__(self, command, name, data, options, threads):
        self.command, self.name, self.data, self.options = command, name, data, options
        self.threads = threads  # of one session after another

    def fit(self, run, threads, *more):
        return [self.command, "fit", self.data, "-o", run, "--threads", str(threads),
                *self.options, *more]

    def whole(self, run):
        began = time.monotonic()
        subprocess.run(self.fit(run, self.threads[0], "--quiet"), check=True)
        return time.monotonic() - began

    def loads(self, run):
        for name in "model.safetensors", "checkpoint.safetensors":
            file = os.path.join(run, name)
            if os.path.exists(file):
                done = subprocess.run([self.command, "info", file], capture_output=True)
                if done.returncode != 0:
                    return False
        return os.path.exists(os.path.join(run, "checkpoint.safetensors"))

    def torture(self, run, kills, seconds, every, draw):
        """One run, killed again and again; how often that was in training, and how often before."""
        killed = starting = sessions = 0
        while True:
            threads = self.threads[sessions % len(self.threads)]
            sessions += 1
            line = self.fit(run, threads, "--resume", "--checkpoint-every", every)
            log = tempfile.TemporaryFile()
            process = subprocess.Popen(line, stderr=log, stdout=subprocess.DEVNULL)
            try:
                process.wait(draw.uniform(0, seconds) if killed < kills else None)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
            log.seek(0)
            said = log.read().decode()
            if process.returncode == -signal.SIGKILL:
                has_started = "training has started" in said or "training goes on" in said
                killed += has_started
                starting += not has_started
                if has_started and not self.loads(run):
                    sys.exit(f"{self.name}: after kill {killed} nothing that loads is in {run}")
                continue
            if process.returncode != 0:
                sys.exit(f"{self.name}: a session ended with {process.returncode}:\n{said}")
            return killed, starting


def compare(job, whole, run):
    model = "model.safetensors"
    if bytes_of(os.path.join(whole, model)) != bytes_of(os.path.join(run, model)):
        sys.exit(f"{job.name}: the models of {whole} and {run} differ")
    if untimed(os.path.join(whole, "metrics.csv")) != untimed(os.path.join(run, "metrics.csv")):
        sys.exit(f"{job.name}: the metrics of {whole} and {run} differ")
    left = [name for name in os.listdir(run) if name.startswith(".")]
    if left:
        sys.exit(f"{job.name}: left over in {run}: {left}")


def work(job, folder, kills, every, draw):
    whole = os.path.join(folder, job.name + "-whole")
    seconds = job.whole(whole)
    done = starting = runs = 0
    # A session has up to a fifth of the time of a run, so that a run has many, and gets on.
    while done < kills:
        run = os.path.join(folder, job.name)
        shutil.rmtree(run, ignore_errors=True)
        killed, began = job.torture(run, kills - done, seconds / 5 + 0.3, every, draw)
        compare(job, whole, run)
        done, starting, runs = done + killed, starting + began, runs + 1
        if killed == 0:
            sys.exit(f"{job.name}: no session lasted long enough to be killed")
        print(f"{job.name}: {done} kills in training and {starting} before it, {runs} runs, the same "
              "bytes", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("command")
    parser.add_argument("--kills", type=int, default=200, help="of Fashion-MNIST, in both modes")
    parser.add_argument("--table-kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    command, draw = os.path.abspath(arguments.command), random.Random(arguments.seed)
    pictures = ["--hidden", "128", "--latent", "10", "--binarize", "dynamic"]
    with tempfile.TemporaryDirectory() as folder:
        rows = os.path.join(folder, "rows.csv")
        table(rows, 2000, arguments.seed)
        work(Job(command, "fast", PICTURES, [*pictures, "--epochs", "4"], [2]), folder,
             (arguments.kills + 1) // 2, "0.1s", draw)
        work(Job(command, "reproducible", PICTURES,
                 [*pictures, "--epochs", "2", "--mode", "reproducible"], [2, 1, 3]), folder,
             arguments.kills // 2, "0.1s", draw)
        work(Job(command, "table", rows, ["--epochs", "20"], [2]), folder, arguments.table_kills,
             "0.05s", draw)


main()
