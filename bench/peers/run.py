"""Checks a peer's loss against ours, then times its training step.

    python run.py PEER FOLDER THREADS [--seconds S]    -> {"loss": ..., "milliseconds": ...}

PEER is a module of this folder, FOLDER what `bench_step --loss FOLDER` wrote. The time is the median
over runs of several steps each, so that whoever queues steps ahead may. Differing losses print no time.
"""
import argparse
import importlib
import json
import statistics
import sys
import time

from problem import Problem

TOLERANCE = 1e-4  # relative; f32 sums in another order differ by about 1e-6
RUN_SECONDS = 0.05


def seconds(action, *arguments):
    began = time.perf_counter()
    action(*arguments)
    return time.perf_counter() - began


def median_step(steps, budget):
    steps(8)  # compiles
    count = max(2, int(RUN_SECONDS / (seconds(steps, 8) / 8)))
    steps(count)
    times, began = [], time.perf_counter()
    while len(times) < 3 or time.perf_counter() - began < budget:
        times.append(seconds(steps, count) / count)
    return statistics.median(times) * 1e3


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("peer")
    parser.add_argument("folder")
    parser.add_argument("threads", type=int)
    parser.add_argument("--seconds", type=float, default=2.5)
    options = parser.parse_args()
    problem = Problem(options.folder)
    peer = importlib.import_module(options.peer).Peer(problem, options.threads)
    loss = peer.loss()
    if not abs(loss - problem.loss) <= TOLERANCE * abs(problem.loss):
        sys.exit(f"{options.peer}: expected a loss of {problem.loss}, got {loss}; the two sides compute different things")
    print(json.dumps({"loss": loss, "milliseconds": median_step(peer.steps, options.seconds)}))


main()
