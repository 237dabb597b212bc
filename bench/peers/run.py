"""Checks that a peer computes what we do, then measures one of its activities whenever it is told to.

    python run.py PEER FOLDER THREADS ACTIVITY

PEER is a module of this folder, FOLDER what `bench_step --loss FOLDER` or `bench_use write FOLDER` wrote.
ACTIVITY: steps, epoch, encode, row, sample, score. On stdout a line of JSON each: first {"ready": ...}, or
{"failed": why} if the two sides differ; then, for a line with a number of seconds on stdin, {"milliseconds": ...}:
the median of a step, an epoch, or a call. Compilation and warm-up come before "ready".
"""
import gzip
import importlib
import json
import statistics
import sys
import time

import numpy as np

from problem import Problem

LOSS_TOLERANCE = 1e-4  # relative; f32 sums in another order differ by about 1e-6
CODE_TOLERANCE = 1e-4
SCORE_TOLERANCE = 0.01  # relative; means over rows of random estimates
RUN_SECONDS = 0.05
SAMPLES = 16  # of a score
SCORED_AT_ONCE = 250


class Differs(Exception):
    pass


def expect(what, ours, theirs, tolerance):
    if not abs(theirs - ours) <= tolerance * abs(ours):
        raise Differs(f"expected a {what} of {ours}, got {theirs}: the two sides compute different things")


def seconds(action):
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def median_call(call, budget):
    call()
    times, began = [], time.perf_counter()
    while len(times) < 3 or time.perf_counter() - began < budget:
        times.append(seconds(call))
    return statistics.median(times) * 1e3


def steps(peer, problem):
    """Runs of several steps each, so that whoever queues steps ahead may."""
    expect("loss", problem.loss, peer.loss(), LOSS_TOLERANCE)
    peer.steps(8)  # compiles
    count = 8
    for _ in range(2):  # the first guess has what starting a run costs in it
        count = max(2, int(getattr(peer, "run_seconds", RUN_SECONDS) / (seconds(lambda: peer.steps(count)) / count)))
    return lambda budget: median_call(lambda: peer.steps(count), budget) / count


def epoch(peer, problem):
    """The first epoch compiles, and its loss must be what ours is there (bench/parts/epoch.py)."""
    expect("loss", problem.loss, peer.loss(), LOSS_TOLERANCE)
    idx = gzip.open(problem.folder / "pictures.gz").read()
    pictures = peer.rows(np.frombuffer(idx, np.uint8, offset=16).reshape(-1, 784).copy())
    epoch.first_loss = peer.epoch(pictures)
    return lambda budget: seconds(lambda: peer.epoch(pictures)) * 1e3


def encode(peer, problem):
    x = peer.rows(problem.x)
    worst = np.abs(peer.encode(x) - problem.array("codes")).max()
    if not worst <= CODE_TOLERANCE:
        raise Differs(f"expected codes that differ by at most {CODE_TOLERANCE}, got {worst}")
    return lambda budget: median_call(lambda: peer.encode(x), budget)


def row(peer, problem):
    rows = [peer.rows(problem.x[i : i + 1]) for i in range(100)]
    worst = max(np.abs(peer.encode(r) - code).max() for r, code in zip(rows, problem.array("codes")))
    if not worst <= CODE_TOLERANCE:
        raise Differs(f"expected codes that differ by at most {CODE_TOLERANCE}, got {worst}")

    def all_rows():
        for r in rows:
            peer.encode(r)

    return lambda budget: median_call(all_rows, budget) / len(rows)


def sample(peer, problem):
    if peer.sample(problem.sampled).shape != (problem.sampled, problem.x.shape[1]):
        raise Differs("expected as many rows as ours, as wide")
    return lambda budget: median_call(lambda: peer.sample(problem.sampled), budget)


def score(peer, problem):
    parts = [peer.rows(problem.x[i : i + SCORED_AT_ONCE]) for i in range(0, problem.scored, SCORED_AT_ONCE)]
    expect("score", problem.score, float(peer.score(parts, SAMPLES).mean()), SCORE_TOLERANCE)
    return lambda budget: median_call(lambda: peer.score(parts, SAMPLES), budget)


def say(**what):
    print(json.dumps(what), flush=True)


def main():
    name, folder, threads, activity = sys.argv[1:]
    problem = Problem(folder)
    try:
        peer = importlib.import_module(name).Peer(problem, int(threads))
        measure = {f.__name__: f for f in (steps, epoch, encode, row, sample, score)}[activity](peer, problem)
    except Differs as difference:
        say(failed=str(difference))
        return
    say(ready=True, first_loss=getattr(epoch, "first_loss", None))
    for line in sys.stdin:
        say(milliseconds=measure(float(line)))


main()
