"""What the quality benches of tables share: options, running diabolo, results of each seed, tables of mean and sd.

    python bench/quality/NAME.py DIABOLO DATA [--seeds 0,1,2] [--only SET,...] [--peers MODE] [--out FOLDER]
DIABOLO is the command, or - to measure peers alone; DATA is the folder of the sets. Everything measured is kept in
OUT/NAME.json as {set: {method: {seed: {measure: value}}}}; peers found there are not measured again.
"""
import argparse
import json
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

LAUNCH = pathlib.Path(__file__).resolve().parent.parent / "harness" / "launch.py"
PEERS = {
    "missing": "measure what earlier runs did not (default but for times)",
    "cached": "show what there is, measure none",
    "fresh": "measure all again",
    "none": "leave them out",
}


class Failed(Exception):
    """A command of diabolo ended badly; the text is what it said at the end."""


def parse(doc, seeds="0,1,2", more=None, peers="missing"):
    """The options every script has; `more(parser)` adds those of one."""
    parser = argparse.ArgumentParser(description=doc.split("\n")[0])
    parser.add_argument("diabolo", help="the command, or - to measure peers alone")
    parser.add_argument("data", type=pathlib.Path, help="the folder of the sets")
    parser.add_argument("--seeds", default=seeds, help=f"default {seeds}")
    parser.add_argument("--only", default="", help="sets, separated by commas")
    parser.add_argument("--peers", choices=PEERS, default=peers,
                        help="; ".join(f"{name}: {what}" for name, what in PEERS.items()))
    parser.add_argument("--fit", default="", metavar="OPTIONS", help='more options of fit, as "--latent 5"')
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("runs/quality"))
    if more:
        more(parser)
    options = parser.parse_args()
    options.seeds = [int(seed) for seed in options.seeds.split(",")]
    options.out.mkdir(parents=True, exist_ok=True)
    return options


def chosen(options, names):
    """The sets of --only, all by default."""
    wanted = options.only.split(",") if options.only else list(names)
    unknown = set(wanted) - set(names)
    if unknown:
        sys.exit(f"expected sets among {', '.join(names)}, got {', '.join(unknown)}")
    return wanted


class Diabolo:
    """The command, with a folder of its own for what it reads and writes."""

    def __init__(self, options, folder):
        self.command, self.more, self.folder = options.diabolo, shlex.split(options.fit), pathlib.Path(folder)

    def __truediv__(self, name):
        return self.folder / name

    def run(self, *arguments):
        """Runs the command to its end; its stdout."""
        command = [self.command, *(str(argument) for argument in arguments)]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            raise Failed(f"{shlex.join(command[:3])} ended with {done.returncode}: {done.stderr.strip()[-300:]}")
        return done.stdout

    def measured(self, *arguments):
        """(seconds, MiB of memory at its peak) of the command from start to end."""
        log = self / "log"
        launch = [sys.executable, "-I", "-S", LAUNCH, log, self.command, *arguments]
        done = json.loads(subprocess.check_output([str(part) for part in launch], text=True))
        if done["code"]:
            raise Failed(f"{self.command} {arguments[0]} ended with {done['code']}: {log.read_text().strip()[-300:]}")
        return done["milliseconds"] / 1e3, done["peak_mib"]

    def fit(self, data, seed, *more):
        """Fits to `data` in the folder RUN of ours; seconds it took."""
        begin = time.perf_counter()
        self.run("fit", data, "-o", self / "run", "--overwrite", "--quiet", "--seed", seed, *more, *self.more)
        return time.perf_counter() - begin

    def score(self, data, *more):
        import pandas as pd

        self.run("score", self / "run", data, "-o", self / "scores.csv", "--quiet", *more)
        return pd.read_csv(self / "scores.csv")["score"].to_numpy()


class Results:
    """{set: {method: {seed: {measure: value}}}}, on disk after every new value."""

    def __init__(self, options, name):
        self.options, self.path = options, options.out / f"{name}.json"
        self.all = json.loads(self.path.read_text()) if self.path.exists() else {}
        self.methods = []

    def peer(self, data, method, seed, measure, wanted=True):
        """What `measure()` returns, a dict of numbers, for one method on one set; from earlier runs if allowed, from
        these alone unless `wanted`."""
        mode, seen = self.options.peers, self.all.get(data, {}).get(method, {}).get(str(seed))
        if mode == "none":
            return
        self.note(method)
        if wanted and (mode == "fresh" or (mode == "missing" and seen is None)):
            self.keep(data, method, seed, measure)

    def own(self, data, seed, measure, method="diabolo"):
        """As peer, for diabolo: always measured; `measure` gets a Diabolo. A failure is said and kept."""
        if self.options.diabolo == "-":
            return
        self.note(method)
        with tempfile.TemporaryDirectory(prefix="diabolo-quality-") as folder:
            try:
                self.keep(data, method, seed, lambda: measure(Diabolo(self.options, folder)))
            except Failed as failure:
                print(f"{data}, seed {seed}: {failure}", file=sys.stderr, flush=True)
                self.keep(data, method, seed, lambda: {"failure": str(failure)})

    def note(self, method):
        if method not in self.methods:
            self.methods.append(method)

    def keep(self, data, method, seed, measure):
        begin = time.perf_counter()
        values = {key: value if isinstance(value, str) else float(value) for key, value in measure().items()}
        values.setdefault("seconds", round(time.perf_counter() - begin, 2))
        self.all.setdefault(data, {}).setdefault(method, {})[str(seed)] = values
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps(self.all, indent=1) + "\n")
        os.replace(fresh, self.path)
        said = ", ".join(f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in values.items())
        print(f"{data}, {method}, seed {seed}: {said}", file=sys.stderr, flush=True)

    def values(self, data, method, measure):
        """One number a seed of --seeds, those that were measured."""
        seeds = self.all.get(data, {}).get(method, {})
        found = [seeds.get(str(seed), {}).get(measure) for seed in self.options.seeds]
        return [value for value in found if value is not None]

    def table(self, title, measure, data, show="{:.3f}", scale=1.0, mean=False):
        """Prints sets x methods, mean ± sd over seeds; `mean`: a last row, the mean of the sets for each seed."""
        def cell(values):
            if not values:
                return ""
            text = show.format(scale * np.mean(values))
            return text if len(values) < 2 else f"{text} ± {show.format(scale * np.std(values, ddof=1))}"

        rows = {name: {m: self.values(name, m, measure) for m in self.methods} for name in data}
        methods = [m for m in self.methods if any(row[m] for row in rows.values())]
        if not methods:
            return
        print(f"\n{title} (mean ± sd of {len(self.options.seeds)} seeds)\n\n| | {' | '.join(methods)} |")
        print("|---" * (len(methods) + 1) + "|")
        for name, row in rows.items():
            print(f"| {name} | {' | '.join(cell(row[m]) for m in methods)} |")
        if mean:
            whole = [m if all(len(row[m]) == len(self.options.seeds) for row in rows.values()) else None for m in methods]
            cells = [cell(list(np.mean([row[m] for row in rows.values()], axis=0))) if m else "" for m in whole]
            print(f"| mean of {len(rows)} | {' | '.join(cells)} |")
        sys.stdout.flush()
