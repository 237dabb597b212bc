#!/usr/bin/env python3
"""A thousand tiny fits of wild settings on wild data: each must end with a finite model or one clear line.

    bench/robustness/tiny_fits.py build/release/bin/diabolo [--count 1000] [--first 0] [--jobs 2] [--keep FOLDER] [--outcomes FILE]

Fit number N is a function of N alone. With --outcomes FILE each is a line there as it comes, and those that are
there already are not made again. It prints a table of outcomes as Markdown, and every fit that broke a rule
(docs/robustness.md has the rules and the table); exit code 1 if any was broken. Tables need DuckDB (DIABOLO_DUCKDB).
Needs Python's standard library alone.
"""

import argparse
import collections
import concurrent.futures
import csv
import json
import math
import pathlib
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile

HELD_OUT = 200
SAMPLES = 1000
LEAST_DEPENDENCE = 0.05  # nats: the mutual information of two columns, below which marginals are the truth
HEALTHY = 1e-2          # learning rates up to here must learn
LEAST_LOG_SCALE = -6    # of the model's densities, in units of the column's spread (docs: prob/likelihood.cpp)
TIMEOUT = 600


# --- data ----------------------------------------------------------------------------------------------------------


def spread_of(r):
    """A scale from 1e-30 to 1e30, or an ordinary one."""
    return 10 ** r.uniform(-30, 30) if r.random() < 0.5 else 10 ** r.uniform(-2, 2)


def make_column(r, kind):
    """A function of the row's latent (about standard normal) and of a source of noise."""
    slope, noise = r.choice([-1, 1]) * r.uniform(0.5, 1.5), r.uniform(0.05, 0.4)
    scale, shift = spread_of(r), r.choice([0, r.gauss(0, 3)])
    bend = r.choice([lambda t: t, lambda t: math.sin(2 * t), lambda t: t * t - 1])
    signal = lambda t, n: slope * bend(t) + noise * n.gauss(0, 1)
    if kind == "constant":
        value = r.choice([0.0, 0.1 * scale, scale, -scale])
        return lambda t, n: value
    if kind == "two":
        low, high = shift * scale, (shift + 1) * scale
        return lambda t, n: high if signal(t, n) > 0 else low
    if kind == "cauchy":  # of the rank of the signal
        return lambda t, n: scale * math.tan(math.pi * (0.98 * normal_cdf(signal(t, n)) - 0.49)) * abs(
            1 / max(1e-6, n.random())) ** 0.5
    if kind == "zero_one":
        return lambda t, n: float(signal(t, n) > 0)
    if kind == "grey":
        return lambda t, n: normal_cdf(signal(t, n))
    if kind == "integer":
        width = 10 ** r.uniform(0, 4)
        return lambda t, n: round(width * signal(t, n))
    if kind == "text":
        words = r.sample(["red", "green", "blue", "NA?", "1.50", "ä,ö", 'a "b"', "x"], r.randint(2, 6))
        return lambda t, n: words[min(len(words) - 1, int(len(words) * normal_cdf(signal(t, n))))]
    if kind == "decimal":
        return lambda t, n: round(5 + signal(t, n), 2)
    return lambda t, n: scale * (shift + signal(t, n))


def normal_cdf(x):
    return 0.5 * (1 + math.erf(x / math.sqrt(2)))


def make_rows(r, columns, count, missing):
    rows = []
    for _ in range(count):
        t = r.gauss(0, 1)
        row = [column(t, r) for column in columns]
        rows.append([None if r.random() < missing else x for x in row])
    return rows


def dependence(columns):
    """The most that two columns tell of each other, in nats: by 2,000 rows of their own, in eighths of numbers."""
    r = random.Random(0)
    rows = make_rows(r, columns, 2000, 0)
    binned = [in_eighths(column) for column in zip(*rows)]
    return max(mutual_information(a, b) for i, a in enumerate(binned) for b in binned[:i])


def in_eighths(xs):
    if len(set(xs)) <= 12:
        return xs
    order = sorted(xs)
    cuts = [order[len(order) * i // 8] for i in range(1, 8)]
    return [sum(cut <= x for cut in cuts) for x in xs]


def mutual_information(a, b):
    """Less what chance adds (Miller and Madow)."""
    left, right, both = collections.Counter(a), collections.Counter(b), collections.Counter(zip(a, b))
    plain = math.fsum(n / len(a) * math.log(n * len(a) / (left[x] * right[y])) for (x, y), n in both.items())
    return plain - (len(left) - 1) * (len(right) - 1) / (2 * len(a))


def as_f32(x):
    return struct.unpack("<f", struct.pack("<f", x))[0]


def write_npy(path, rows):
    flat = [math.nan if x is None else x for row in rows for x in row]
    header = "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }" % (len(rows), len(rows[0]))
    header += " " * (-(len(header) + 11) % 64) + "\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode()
                     + struct.pack("<%df" % len(flat), *flat))


def write_csv(path, rows):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["c%d" % d for d in range(len(rows[0]))])
        for row in rows:
            writer.writerow(["" if x is None else x if isinstance(x, str) else repr(x) for x in row])


# --- independent marginals, of the family of the model's likelihood for the column -----------------------------------


def normal_log_prob(x, mean, log_scale):
    t = (x - mean) * math.exp(-log_scale)
    return -0.5 * t * t - log_scale - 0.5 * math.log(2 * math.pi)


def student_log_prob(x, mean, log_scale, freedom):
    t = (x - mean) * math.exp(-log_scale)
    return (math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2) - 0.5 * math.log(freedom * math.pi)
            - log_scale - (freedom + 1) / 2 * math.log1p(t * t / freedom))


def bounded_log(scale):
    return max(LEAST_LOG_SCALE, min(6, math.log(scale))) if scale > 0 else LEAST_LOG_SCALE


def fit_normal(xs):
    mean = math.fsum(xs) / len(xs)
    log_scale = bounded_log(math.sqrt(math.fsum((x - mean) ** 2 for x in xs) / len(xs)))
    return lambda x: normal_log_prob(x, mean, log_scale)


def fit_student(xs):
    best = None
    for freedom in (2.1, 2.5, 3, 4, 6, 10, 20, 50, 100):
        mean, scale = sorted(xs)[len(xs) // 2], 1.0
        for _ in range(100):  # EM
            weights = [(freedom + 1) / (freedom + ((x - mean) / scale) ** 2) for x in xs]
            mean = math.fsum(w * x for w, x in zip(weights, xs)) / math.fsum(weights)
            square = math.fsum(w * (x - mean) ** 2 for w, x in zip(weights, xs)) / len(xs)
            scale = math.exp(bounded_log(math.sqrt(square)))
        density = lambda x, m=mean, s=math.log(scale), f=freedom: student_log_prob(x, m, s, f)
        total = math.fsum(map(density, xs))
        if best is None or total > best[0]:
            best = total, density
    return best[1]


def fit_mass(places, levels):
    counts = collections.Counter(places)  # add-one smoothing
    return lambda place: math.log((counts[place] + 1) / (len(places) + levels))


def array_marginals(train, likelihood):
    """For each column log p(x) on the data's scale."""
    marginals = []
    for column in zip(*train):
        xs = [as_f32(x) for x in column if x is not None]
        if likelihood == "bernoulli":
            share = (math.fsum(xs) + 1) / (len(xs) + 2)
            marginals.append(lambda x, p=share: x * math.log(p) + (1 - x) * math.log1p(-p))
            continue
        shift = math.fsum(xs) / max(1, len(xs)) if xs else 0.0
        scale = 1.0
        if xs and min(xs) < max(xs):
            scale = math.sqrt(math.fsum((x - shift) ** 2 for x in xs) / len(xs))
        cells = [(x - shift) / scale for x in xs] or [0.0]
        cell = (fit_student if likelihood == "student" else fit_normal)(cells)
        marginals.append(lambda x, f=cell, m=shift, s=scale: f((as_f32(x) - m) / s) - math.log(s))
    return marginals


def table_marginals(train, schema):
    """The same by the schema of the run, which says how a value becomes a cell. None: the column is left out."""
    marginals = []
    for d, column in enumerate(schema["columns"]):
        xs = [row[d] for row in train if row[d] is not None]
        marginals.append(table_marginal(column, xs) if column["used"] else None)
    return marginals


def table_marginal(column, xs):
    code, family = column["code"], column["likelihood"]["type"]
    step = code.get("step", 0)
    if code["form"] == "levels":
        levels = column.get("levels") or column["values"]
        place = {as_key(x): i for i, x in enumerate(levels)}
        mass = fit_mass([place[as_key(x)] for x in xs], len(levels))
        return lambda x: mass(place[as_key(x)]) if as_key(x) in place else 0.0  # unseen: taken as missing
    if code["form"] == "bins":
        edges = code["edges"]
        last = len(edges) - 2

        def bin_of(x):
            b = sum(edge <= x for edge in edges) - 1
            return max(0, min(last, b))

        def log_slope(b):
            width = edges[b + 1] - edges[b]
            if width <= 0:
                return 0.0
            return -math.log(max(round(width / step), 1) if step > 0 else width)

        mass = fit_mass([bin_of(x) for x in xs], last + 1)
        return lambda x: mass(bin_of(x)) + log_slope(bin_of(x))
    shift, scale = code["shift"], code["scale"]

    def logarithm(x):
        least = shift - 30 * scale
        return max(least, math.log(x - code["origin"])) if x > code["origin"] else least

    is_log = code["form"] == "log"
    to_cell = lambda x: max(-1e9, min(1e9, ((logarithm(x) if is_log else x) - shift) / scale))
    slope = math.log(step / scale) if step > 0 else -math.log(scale)
    cell = (fit_student if family == "student" else fit_normal)([to_cell(x) for x in xs])
    return lambda x: cell(to_cell(x)) + slope - (logarithm(x) if is_log else 0)


def as_key(x):
    try:
        return float(x)
    except ValueError:
        return x


def marginal_nll(marginals, rows):
    total = 0.0
    for row in rows:
        total -= math.fsum(f(x) for f, x in zip(marginals, row) if f is not None and x is not None)
    return total / len(rows)


# --- a fit -----------------------------------------------------------------------------------------------------------

Case = collections.namedtuple("Case", "options is_table train held_out likelihood model rate kinds columns missing unscaled")


def make_case(number):
    r = random.Random(number)
    rate = 10 ** r.uniform(-5, 1)
    model = r.choices(["vae", "ae", "beta-vae", "constrained-vae"], [5, 1, 1, 1])[0]
    is_table = r.random() < 0.35
    missing = r.choice([0, 0, 0.05, 0.2])
    count = r.randint(20, 500)
    width = r.randint(2, 8)
    likelihood = "auto"
    options = ["--model", model, "--learning-rate", "%.6g" % rate, "--seed", str(r.randint(0, 10**6))]
    if is_table:
        kinds = [r.choice(["signal", "cauchy", "two", "constant", "integer", "text", "decimal"]) for _ in range(width)]
        kinds[0] = "signal"
    else:
        likelihood = r.choices(["auto", "normal", "student", "bernoulli"], [4, 2, 3, 2])[0]
        if likelihood == "bernoulli":
            kinds = [r.choice(["zero_one", "grey", "constant01"]) for _ in range(width)]
        else:
            kinds = [r.choice(["signal", "signal", "cauchy", "two", "constant"]) for _ in range(width)]
        kinds[0] = "zero_one" if likelihood == "bernoulli" else "signal"
        options += ["--likelihood", likelihood]
        if missing:
            options += ["--missing", "nan"]
    columns = []
    for kind in kinds:
        columns.append((lambda t, n: 1.0) if kind == "constant01" else make_column(r, kind))
    train, held_out = make_rows(r, columns, count, missing), make_rows(r, columns, HELD_OUT, missing)
    options += ["--hidden", r.choice(["8", "16", "32", "16,16"]), "--activation", r.choice(["relu", "gelu", "tanh"])]
    if r.random() < 0.3:
        options += ["--prior", r.choice(["standard", "mixture"])]
    if r.random() < 0.3:
        options += ["--schedule", r.choice(["constant", "linear", "cosine"])]
    if r.random() < 0.2:
        options += ["--mode", "reproducible"]
    if r.random() < 0.2:
        options += ["--valid", r.choice(["0", "0.3"]) if count >= 100 else "0.3"]
    unscaled = not is_table and likelihood != "bernoulli" and r.random() < 0.05
    if unscaled:
        options += ["--scale", "none"]
    if model == "vae" and not is_table:
        options += ["--trim", "0"]  # marginals are fitted to all rows
    if model == "constrained-vae":
        options += ["--kl-limit", "%.3g" % 10 ** r.uniform(-1, 1)]
    if missing and rate < 1e-4:  # a step with the importance-weighted bound draws 20 codes a row
        options += ["--objective", "elbo"] if model == "vae" else []
        options += ["--partial", "off"]
    # Weights move by about the rate in a step: as many steps as get a log scale from its start to where it belongs,
    # under a rate that falls to 0.
    steps = min(max(10 / rate, 500), 2e6)
    # There may be 100,000 epochs at most.
    batch = max(1, min(count, 8 if rate < 1e-4 else 64, int(0.9 * count * 50000 / steps)))
    epochs = max(10, math.ceil(steps / math.ceil(0.9 * count / batch)))
    options += ["--batch-size", str(batch), "--epochs", str(epochs), "--threads", "1"]
    likelihood = {"auto": "normal"}.get(likelihood, likelihood)
    return Case(options, is_table, train, held_out, likelihood, model, rate, kinds, columns, missing, unscaled)


def run(command, *arguments):
    return subprocess.run([command, *map(str, arguments)], capture_output=True, text=True, timeout=TIMEOUT)


def is_finite_result(result):
    """Of evaluate --json: the numbers that a model has."""
    numbers = [result["log_px"], result["loss"]] + ([result["nll"], result["elbo"]] if result["elbo"] is not None or
                                                    result["nll"] is not None else [])
    return all(isinstance(x, (int, float)) and math.isfinite(x) for x in numbers)


def samples_are_finite(text, is_table):
    rows = list(csv.reader(text.splitlines()))
    cells = [cell for row in rows[1:] for cell in row]
    if is_table:
        return len(rows) > 1 and not any(re.fullmatch(r"[+-]?(nan|inf(inity)?)", c, re.IGNORECASE) for c in cells)
    return len(rows) > 1 and all(math.isfinite(float(c)) for c in cells)


def one_line(result):
    lines = [line for line in result.stderr.splitlines() if not line.startswith("diabolo: warning:")]
    return len(lines) == 1 and lines[0].startswith("diabolo: ") and "Traceback" not in result.stderr


# `gap`: by how many nats a row the model beats the marginals; `has_more`: there is something to beat them by.
Outcome = collections.namedtuple("Outcome", "number rate model kind unscaled must_fit word has_more gap note")


def use(command, case, run_folder, data_file, folder):
    """What is wrong with the model ('' is nothing), and by how much it beats the marginals, in nats a row."""
    holes = ["--missing", "nan"] if case.missing and not case.is_table else []
    bound = case.model != "ae"
    # The others do not seek the likeliest: with four times the KL, or as much of it as the limit allows.
    # Under a normal density the mean over rows of Cauchy's numbers is that of one row, whoever has it.
    compares = case.model == "vae" and not case.unscaled and not (case.likelihood == "normal" and not case.is_table and "cauchy" in case.kinds)
    samples = ["--samples", SAMPLES] if bound else []
    evaluated = run(command, "evaluate", run_folder, data_file, "--json", "--threads", 1, *samples, *holes)
    if evaluated.returncode != 0:
        return "evaluate: " + evaluated.stderr.strip(), None
    result = json.loads(evaluated.stdout)
    if not is_finite_result(result):
        return "evaluate is not finite: " + json.dumps(result)[:200], None
    sampled = run(command, "sample", run_folder, "-n", 200, "--threads", 1)
    if sampled.returncode != 0 or not samples_are_finite(sampled.stdout, case.is_table):
        return "samples are not finite: " + sampled.stderr.strip(), None
    if not compares:
        return "", None
    if case.is_table:
        marginals = table_marginals(case.train, json.loads((run_folder / "schema.json").read_text()))
    else:
        marginals = array_marginals(case.train, case.likelihood)
    return "", marginal_nll(marginals, case.held_out) - result["nll"]


def judge(command, number, folder):
    case = make_case(number)
    folder.mkdir(parents=True, exist_ok=True)
    write = write_csv if case.is_table else write_npy
    data, held_out = (folder / (name + (".csv" if case.is_table else ".npy")) for name in ("train", "held_out"))
    write(data, case.train)
    write(held_out, case.held_out)
    run_folder = folder / "run"
    shutil.rmtree(run_folder, ignore_errors=True)
    make = lambda word, gap=None, note="": Outcome(
        number, case.rate, case.model, "table" if case.is_table else case.likelihood, case.unscaled,
        case.rate <= HEALTHY and not case.unscaled, word,
        gap is not None and dependence(case.columns) >= LEAST_DEPENDENCE, gap, note)
    try:
        fitted = run(command, "fit", data, "-o", run_folder, "--quiet", *case.options)
        if fitted.returncode not in (0, 1, 2):
            return make("crash", note="exit code %d: %s" % (fitted.returncode, fitted.stderr[-300:]))
        is_saved = (run_folder / "model.safetensors").exists()
        if fitted.returncode != 0 and not is_saved:
            if one_line(fitted):
                return make("refused", note=fitted.stderr.strip())
            return make("unclear", note=fitted.stderr.strip()[-300:])
        if fitted.returncode != 0 and not (one_line(fitted) and "best model" in fitted.stderr):
            return make("unclear", note=fitted.stderr.strip()[-300:])
        wrong, gap = use(command, case, run_folder, held_out, folder)
        if wrong:
            return make("not finite", note=wrong[:300])
        return make("model" if fitted.returncode == 0 else "diverged, best model saved", gap)
    except subprocess.TimeoutExpired:
        return make("hang")


# --- all of them -------------------------------------------------------------------------------------------------------

WORDS = ["model", "diverged, best model saved", "refused", "not finite", "unclear", "crash", "hang"]
BANDS = [(1e-5, 1e-4), (1e-4, 1e-3), (1e-3, 1e-2), (1e-2, 1e-1), (1e-1, 1), (1, 10)]


def table(outcomes):
    lines = ["| learning rate | fits | " + " | ".join(WORDS) + " | beat marginals |",
             "|---" * (len(WORDS) + 3) + "|"]
    groups = [("%g to %g" % band, [o for o in outcomes if band[0] <= o.rate < band[1] and not o.unscaled])
              for band in BANDS]
    for name, mine in [*groups, ("any, `--scale none`", [o for o in outcomes if o.unscaled])]:
        counts = collections.Counter(o.word for o in mine)
        compared = [o for o in mine if o.has_more]
        beat = "%d of %d" % (sum(o.gap > 0 for o in compared), len(compared))
        lines.append("| %s | %d | %s | %s |" % (name, len(mine), " | ".join(str(counts[w]) for w in WORDS), beat))
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--only", type=int, nargs="*", help="these fits")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--outcomes", type=pathlib.Path, help="a file of JSON lines, to go on with")
    parser.add_argument("--keep", type=pathlib.Path, help="a folder for data and runs; else they are removed")
    arguments = parser.parse_args()
    root = arguments.keep or pathlib.Path(tempfile.mkdtemp())
    numbers = arguments.only or range(arguments.first, arguments.first + arguments.count)

    known = {}
    if arguments.outcomes and arguments.outcomes.exists():
        made = (Outcome(**json.loads(line)) for line in arguments.outcomes.read_text().splitlines())
        known = {outcome.number: outcome for outcome in made}

    def one(number):
        if number in known:
            return known[number]
        outcome = judge(arguments.command, number, root / str(number))
        if arguments.outcomes:
            with open(arguments.outcomes, "a") as file:
                file.write(json.dumps(outcome._asdict()) + "\n")
        if not arguments.keep:
            shutil.rmtree(root / str(number), ignore_errors=True)
        return outcome

    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        outcomes = []
        for outcome in pool.map(one, numbers):
            outcomes.append(outcome)
            if len(outcomes) % 100 == 0:
                print("%d fits" % len(outcomes), file=sys.stderr)
    print(table(outcomes))
    broken = [o for o in outcomes if o.word not in WORDS[:3] or (o.must_fit and o.word != "model")]
    for o in broken:
        print("broken: fit %d (%s, %s, rate %.3g): %s: %s" % (o.number, o.model, o.kind, o.rate, o.word, o.note))
    healthy = [o for o in outcomes if o.rate <= HEALTHY and o.has_more]
    lost = [o for o in healthy if o.gap <= 0]
    for o in lost:
        print("below marginals: fit %d (%s, %s, rate %.3g): by %.3g nats a row" % (o.number, o.model, o.kind, o.rate, -o.gap))
    share = 1 - len(lost) / max(1, len(healthy))
    print("at rates up to %g: %d of %d beat independent marginals (%.1f %%)" % (
        HEALTHY, len(healthy) - len(lost), len(healthy), 100 * share))
    alone = sorted(o.gap for o in outcomes if o.rate <= HEALTHY and o.gap is not None and not o.has_more)
    if alone:
        print("where columns do not depend on each other: %d fits, from %.3g to %.3g nats a row better" % (
            len(alone), alone[0], alone[-1]))
    for note, count in collections.Counter(re.sub(r"[\d.e+-]+", "#", o.note)[:110] for o in outcomes if o.word == "refused").most_common(5):
        print("refused %d times: %s" % (count, note))
    if not arguments.keep:
        shutil.rmtree(root, ignore_errors=True)
    return 1 if broken or share < 0.95 else 0


if __name__ == "__main__":
    sys.exit(main())
