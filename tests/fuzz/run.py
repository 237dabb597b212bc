#!/usr/bin/env python3
"""What ./run fuzz runs once all is built: targets, or the coverage of what they have gathered.

A failure is a crash, a leak, and what harness.h counts as one; its input is kept in
build/fuzz/failures. Inputs that reached something new are kept in build/fuzz/grown.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "fuzz"
SOURCES = "src/diabolo/"
LEAST_COVERAGE = 90  # per cent of the lines of a reader
SECONDS = 60

# Each target with the readers that it is for. The longest inputs are 24 kB.
TARGETS = {
    "model": ["io/model_file.cpp", "io/safetensors.cpp", "io/safetensors_header.cpp", "io/holes_json.cpp"],
    "checkpoint": ["train/checkpoint.cpp", "cli/resume.cpp"],
    "npy": ["data/npy.cpp", "data/elements.cpp"],
    "npz": ["data/npz.cpp"],
    "idx": ["data/idx.cpp", "data/gzip.cpp"],
    "png": ["data/png.cpp"],
    "jpeg": ["data/jpeg.cpp"],
    "schema": ["io/schema_file.cpp", "io/schema_column.cpp", "io/schema_keys.h"],
    "config": ["cli/config.cpp"],
}
LONGEST = 24000
# A second of the processor's and the memory of an input are measured by the harness; these are for
# what never ends, and for what would take the machine down.
LIMITS = ["-timeout=20", "-malloc_limit_mb=256", "-rss_limit_mb=1024", f"-max_len={LONGEST}"]


class Parser(argparse.ArgumentParser):
    def error(self, message):
        print(f"run: fuzz: {message}", file=sys.stderr)
        sys.exit(2)


def whole(text):
    if not re.fullmatch("[0-9]{1,9}", text) or int(text) == 0:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, got '{text}'")
    return int(text)


def parse():
    parser = Parser(prog="run fuzz", allow_abbrev=False)
    parser.add_argument("targets", nargs="*", metavar="TARGET")
    parser.add_argument("--seconds", type=whole, help=f"for each target ({SECONDS})")
    parser.add_argument("--runs", type=whole, help="inputs for each target, instead of a time")
    parser.add_argument("--coverage", action="store_true", help="lines that the gathered inputs reach")
    parser.add_argument("--jobs", type=whole, default=2, help="targets at a time (2)")
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    for target in options.targets:
        if target not in TARGETS:
            parser.error(f"expected targets of {', '.join(TARGETS)}, got '{target}'")
    if (options.seconds, options.runs, options.coverage or None).count(None) < 2:
        parser.error("expected one of --seconds, --runs and --coverage, got several")
    options.targets = options.targets or list(TARGETS)
    return options


def environment(profile="/dev/null"):
    return dict(os.environ, LLVM_PROFILE_FILE=str(profile), UBSAN_OPTIONS="print_stacktrace=1",
                ASAN_OPTIONS="quarantine_size_mb=16:allocator_may_return_null=1:malloc_context_size=6:"
                             "detect_stack_use_after_return=0")


def command(target, *more):
    grown = BUILD / "grown" / target
    grown.mkdir(parents=True, exist_ok=True)
    return [BUILD / "bin" / f"fuzz_{target}", *LIMITS, *more, grown, BUILD / "corpus" / target]


def fuzz(target, limit):
    """One line of what happened, and whether all went well."""
    failures = BUILD / "failures"
    failures.mkdir(exist_ok=True)
    words = [limit, "-print_final_stats=1", f"-artifact_prefix={failures}/{target}-"]
    dictionary = ROOT / "tests" / "fuzz" / f"{target}.dict"
    if dictionary.exists():
        words.append(f"-dict={dictionary}")
    done = subprocess.run(command(target, *words), env=environment(), capture_output=True, text=True,
                          errors="replace")
    log = BUILD / f"{target}.log"
    log.write_text(done.stderr)

    def number(name):
        found = re.findall(rf"{name}\D*(\d+)", done.stderr)
        return int(found[-1]) if found else 0

    seconds = number(r"Done \d+ runs in")
    text = f"{target:<11} {number('stat::number_of_executed_units'):>9} inputs {seconds:>5} s" \
           f" {number('stat::peak_rss_mb'):>5} MB at most {number('cov:'):>6} edges"
    if done.returncode:
        what = re.findall(r"^.*(?:fuzz: |runtime error|ERROR: |Assertion).*$", done.stderr, re.M)
        text += f"\n  FAILED: {(what or ['no message'])[0][:300]}\n  see {log}"
    return text, done.returncode == 0


def coverage(targets):
    """A line for each reader, and whether all have enough lines reached."""
    folder = BUILD / "profiles"
    folder.mkdir(exist_ok=True)
    profiles = []
    for target in targets:
        profiles.append(folder / f"{target}.profraw")
        subprocess.run(command(target, "-runs=0"), env=environment(profiles[-1]), check=True,
                       stderr=subprocess.DEVNULL)
    merged = folder / "all.profdata"
    subprocess.run(["llvm-profdata-19", "merge", "-sparse", "-o", merged, *profiles], check=True)
    programs = [BUILD / "bin" / f"fuzz_{target}" for target in targets]
    objects = [word for program in programs[1:] for word in ("-object", program)]
    report = subprocess.run(["llvm-cov-19", "export", "-summary-only", f"-instr-profile={merged}",
                             programs[0], *objects], check=True, capture_output=True, text=True)
    lines = {}
    for file in json.loads(report.stdout)["data"][0]["files"]:
        if SOURCES in file["filename"]:
            lines[file["filename"].split(SOURCES)[-1]] = file["summary"]["lines"]
    good = True
    for target in targets:
        for reader in TARGETS[target]:
            share = lines[reader]["percent"] if reader in lines else 0
            enough = share >= LEAST_COVERAGE
            good &= enough
            print(f"{target:<11} {reader:<28} {share:5.1f} % of lines{'' if enough else '  TOO FEW'}")
    return good


def main():
    options = parse()
    if options.check:
        return 0
    subprocess.run([ROOT / "tests/fuzz/make_corpus.py", BUILD / "bin/fuzz_seeds", BUILD / "corpus"],
                   env=environment(), check=True)
    if options.coverage:
        return 0 if coverage(options.targets) else 1
    limit = f"-runs={options.runs}" if options.runs else f"-max_total_time={options.seconds or SECONDS}"
    good = True
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for text, went_well in pool.map(lambda target: fuzz(target, limit), options.targets):
            print(text, flush=True)
            good &= went_well
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
