#!/usr/bin/env python3
"""Measures diabolo beside its peers: `./run bench [PART...] [OPTIONS]` builds the programs and calls this.

A part is a module of bench/parts with a docstring, whose first line is its help, and measure(context) that gives
(tables, data). Results go to build/bench/results.json and results.md. docs/performance.md explains them.
What fails is said, and the rest goes on; the exit status is 1 then. A part in which something of ours failed leaves
the results as they were, and so does --only.
"""
import argparse
import importlib
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from harness import environment, failures, machine, processes, results
from harness.context import ROOT, Context
from harness.failures import Failed
from harness.tables import markdown

PARTS = ["step", "sizes", "epoch", "job", "use", "limits"]  # what `./run bench` measures
BY_NAME = ["math", "product"]  # measured only if named: kernels alone, no peers
WITH_WORKLOADS = ["step", "use"]  # of which --only can choose some


def module(name):
    return importlib.import_module(f"parts.{name}")


def first_line(name):
    return module(name).__doc__.splitlines()[0]


def path(text):
    """As the caller of ./run means it."""
    return pathlib.Path(os.environ.get("DIABOLO_CALLER_FOLDER", "."), text)


def at_least(least, kind):
    def parse_number(text):
        try:
            number = kind(text)
        except ValueError:
            number = None
        if number is None or not number >= least:
            raise argparse.ArgumentTypeError(f"expected a number of at least {least}, got {text}")
        return number
    return parse_number


def parse(arguments):
    parts = "\n".join(f"  {name:<10}{first_line(name)}" for name in PARTS + BY_NAME)
    parser = argparse.ArgumentParser(
        prog="./run bench", formatter_class=argparse.RawDescriptionHelpFormatter, epilog=f"parts:\n{parts}",
        description="Measures diabolo beside its peers; writes build/bench/results.md and results.json.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"default: {' '.join(PARTS)}")
    parser.add_argument("--only", default="", metavar="WORD",
                        help=f"workloads whose name has WORD, of {' and '.join(WITH_WORKLOADS)}; results are not kept")
    parser.add_argument("--rounds", type=at_least(1, int), default=5, help="turns that each contestant takes (default 5)")
    parser.add_argument("--seconds", type=at_least(0.001, float), default=0.7, help="of a turn (default 0.7)")
    parser.add_argument("--alone", action="store_true", help="without peers, so without Python packages")
    parser.add_argument("--smoke", action="store_true",
                        help="alone and tiny, results thrown away: do the benches still run?")
    parser.add_argument("--env", type=path, metavar="FOLDER",
                        help="a Python environment that has the peers (default: build/bench-env, made at need)")
    parser.add_argument("--programs", type=path, default=ROOT / "build/release/bin",
                        help="where the programs are (default: build/release/bin)")
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)  # of the arguments; measures nothing
    options = parser.parse_args(arguments)
    unknown = [name for name in options.parts if name not in PARTS + BY_NAME]
    if unknown:
        parser.error(f"expected parts among {' '.join(PARTS + BY_NAME)}, got {' '.join(unknown)}")
    whole = [name for name in options.parts or PARTS if name not in WITH_WORKLOADS]
    if options.only and whole:
        parser.error(f"expected --only with parts among {' '.join(WITH_WORKLOADS)}, got {' '.join(whole)}")
    if options.env and not (options.env / "bin/python").exists():
        parser.error(f"expected a Python environment at {options.env}, got none; leave out --env to make one")
    if not options.check and not (options.programs / "bench_step").exists():
        parser.error(f"expected the programs in {options.programs}, got none; run ./run bench, which builds them")
    return options


def peers_python(options):
    if options.alone or options.smoke or not set(options.parts or PARTS) & set(PARTS):
        return None
    if options.env:
        return options.env / "bin/python"
    return environment.prepare(ROOT / "build/bench-env")


def commit():
    """The commit that is checked out, with a + if files differ from it."""
    def git(*arguments):
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()

    try:
        return git("rev-parse", "--short", "HEAD") + ("+" if git("status", "--porcelain") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def measure(name, context, peers):
    began = time.perf_counter()
    print(f"\n== {name}: {first_line(name)}", flush=True)
    failed_before = len(failures.noted)
    try:
        tables, data = module(name).measure(context)
    except (Failed, OSError) as failure:
        failures.note(name, failure)
        return
    for one in tables if not context.smoke else []:
        print("\n" + markdown(one), end="", flush=True)
    print(f"== {name}: {time.perf_counter() - began:.0f} s", flush=True)
    if context.only and not context.chosen:
        failures.note(name, f"expected a workload with {context.only!r} in its name, found none")
    elif context.only:
        print(f"== {name}: a part of it, so results.json keeps what it had", flush=True)
    elif any(failures.noted[failed_before:]):
        print(f"== {name}: something of ours failed, so results.json keeps what it had", flush=True)
    elif name in PARTS:
        results.write(context.out, name, {
            "measured": time.strftime("%Y-%m-%d %H:%M"), "commit": commit(), "machine": machine.describe(peers),
            "settings": {"rounds": context.rounds, "seconds": context.seconds, "only": context.only},
            "tables": tables, "data": data})


def main():
    options = parse(sys.argv[1:])
    if options.check:
        return 0
    if why := results.hindrance(ROOT / "build/bench"):
        print(f"bench: {why}", file=sys.stderr)
        return 1
    processes.end_all_on_signals()
    python = peers_python(options)
    with tempfile.TemporaryDirectory(prefix="diabolo-bench-", ignore_cleanup_errors=True) as work:
        context = Context(options.programs, ROOT / "build/bench", pathlib.Path(work), python, only=options.only,
                          rounds=1 if options.smoke else options.rounds, smoke=options.smoke,
                          seconds=0.02 if options.smoke else options.seconds)
        if context.smoke:
            context.out = context.work / "results"
        failed = {}
        for name in options.parts or PARTS:
            before = len(failures.noted)
            measure(name, context, environment.pins() if python else [])
            failed[name] = len(failures.noted) - before
    if failures.noted:
        parts = ", ".join(f"{count} in {name}" for name, count in failed.items() if count)
        print(f"bench: failed: {parts}", file=sys.stderr)
    return 1 if failures.noted else 0


if __name__ == "__main__":
    sys.exit(main())
