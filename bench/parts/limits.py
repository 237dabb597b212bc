"""start-up, peak memory, sizes, and what a busy neighbour costs

Start-up of a peer is its import alone, before it has a model: `diabolo info` has read one.
"""
import statistics
import sys

from harness import processes
from harness.context import PICTURES
from harness.contestants import Ours, WholeProcess
from harness.rounds import alternate
from harness.tables import digits, table, time_cell

IMPORTS = ["import torch", "import jax", "import tensorflow", "import keras"]


def fit_command(context):
    data = PICTURES.with_name("t10k-images-idx3-ubyte.gz") if context.smoke else PICTURES
    return [context.program("diabolo"), "fit", data, "-o", context.work / "limits", "--overwrite", "--quiet",
            "--hidden", 400, "--latent", 20, "--binarize", "dynamic", "--batch-size", 128, "--valid", 0, "--epochs", 1]


def measure_starts(context):
    threads = context.threads[-1]
    info = [context.program("diabolo"), "info", context.work / "limits"]
    contestants = [WholeProcess("diabolo info MODEL", info, threads)]
    if context.python:
        contestants += [WholeProcess(line, [context.python, "-c", line], threads, context.peer_environment(), ours=False)
                        for line in IMPORTS]
    results = alternate(contestants, context.rounds, 0)
    rows = [[one.name, time_cell(results[one.name]), digits(one.peak)] for one in contestants]
    return rows, {one.name: results[one.name].as_json() | {"peak_mib": one.peak} for one in contestants}


def beside_a_busy_process(context):
    """(alone, beside) in ms: a step of 784-400-20 with B = 128 and all threads."""
    threads = context.threads[-1]
    ours = Ours([context.program("bench_step"), 784, 400, 20, 128, "bernoulli", threads], threads)
    alone = statistics.median(ours.turn(context.seconds) for _ in range(min(3, context.rounds)))
    busy = processes.start([sys.executable, "-c", "while True: pass"])
    try:
        beside = statistics.median(ours.turn(context.seconds) for _ in range(min(3, context.rounds)))
    finally:
        processes.end(busy)
    return alone, beside


def measure(context):
    fit = WholeProcess("fit", fit_command(context), context.threads[-1])
    fit.turn(0)
    starts, data = measure_starts(context)
    command = context.program("diabolo").stat().st_size / 2**20
    alone, beside = beside_a_busy_process(context)
    figures = [
        ["peak memory of a fit on Fashion-MNIST, MiB", digits(fit.peak), "45 of them are the pictures"],
        ["size of the command, MiB", digits(command), ""],
        ["a step beside a busy process, ms", f"{digits(beside)}", f"{digits(alone)} alone: {beside / alone:.2f} times"],
    ]
    data |= {"fit_peak_mib": fit.peak, "command_mib": command, "step_alone_ms": alone, "step_beside_ms": beside}
    return [table("Start-up", ["process", "from start to end, ms", "peak memory, MiB"], starts),
            table("Sizes and neighbours", ["what", "", ""], figures)], data
