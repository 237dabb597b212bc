"""an epoch of Fashion-MNIST end to end: shuffled, binarised afresh, 469 steps of 784-400-20 with B = 128

Ours is `diabolo fit`, which says itself what each epoch took; a turn has two epochs, the first warms up. Loss of a
first epoch must agree to 3 %: the two sides shuffle and draw differently.
"""
import csv

from harness.context import PICTURES, STEP_PEERS
from harness.contestants import Contestant, output
from harness.failures import Failed
from harness.rounds import alternate, better
from harness.tables import judged, label, table, time_cell

MARK, LOSS_TOLERANCE = 1.3, 0.03
BATCH = 128


class Epochs(Contestant):
    """Fits of ours; each turn gives the second epoch's time."""

    name = "diabolo"

    def __init__(self, context, threads):
        self.context, self.threads, self.first_loss = context, threads, None
        self.run = context.work / "epochs"
        self.data, batch = PICTURES, BATCH
        if context.smoke:
            self.data, batch = PICTURES.with_name("t10k-images-idx3-ubyte.gz"), 1000
        self.command = [context.program("diabolo"), "fit", self.data, "-o", self.run, "--overwrite", "--quiet",
                        "--hidden", 400, "--latent", 20, "--binarize", "dynamic", "--batch-size", batch, "--valid", 0,
                        "--epochs", 2, "--threads", threads]

    def turn(self, seconds):
        output(self.command, self.threads)
        with open(self.run / "metrics.csv") as file:
            first, second = csv.DictReader(file)
        self.first_loss = float(first["loss"])
        return (float(second["train_seconds"]) - float(first["train_seconds"])) * 1e3


def check_losses(contestants, results):
    ours = contestants[0].first_loss
    for one in contestants[1:]:
        theirs = getattr(one, "first_loss", None)
        if ours and theirs and not abs(theirs - ours) <= LOSS_TOLERANCE * ours:
            results[one.name].fail(one, f"expected a loss of about {ours} in the first epoch, got {theirs}")


def measure(context):
    if not PICTURES.exists():
        raise Failed(f"expected the pictures in {PICTURES.parent}; install the Debian package dataset-fashion-mnist")
    folder, by_threads, losses = context.work / "epoch", {}, {}
    output([context.program("bench_step"), 784, 400, 20, BATCH, "bernoulli", 1, "--loss", folder])
    (folder / "pictures.gz").symlink_to(PICTURES)
    for threads in context.threads:
        print(f"  threads: {threads}", flush=True)
        contestants = [Epochs(context, threads), *context.peers(folder, threads, "epoch")]
        by_threads[threads] = alternate(contestants, context.rounds, context.seconds)
        check_losses(contestants, by_threads[threads])
        losses[threads] = {one.name: one.first_loss for one in contestants if getattr(one, "first_loss", None)}
    names = ["diabolo", *(STEP_PEERS if context.python else [])]
    rows = [[threads, *(time_cell(by_threads[threads].get(n), 1e-3) for n in names)] for threads in by_threads]
    best = {n: better(by_threads, n)[0] for n in names}
    ours = best["diabolo"]
    tables = [table("An epoch, s", ["threads", *map(label, names)], rows, "Median (smallest to largest round).")]
    if context.python:
        theirs = min((best[n] for n in names[1:] if best[n]), default=None)
        ratios = [judged(best[n] and ours and best[n] / ours, None) for n in names[1:]]
        tables.insert(0, table("Their epoch / ours", [*map(label, names[1:]), "best peer / ours"],
                               [[*ratios, judged(theirs and ours and theirs / ours, MARK)]]))
    return tables, {"times": {t: {n: r.as_json() for n, r in results.items()} for t, results in by_threads.items()},
                    "first_losses": losses}
