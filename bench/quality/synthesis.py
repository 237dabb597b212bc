"""How good generated tables are: Adult and credit default, beside SDV's TVAE, a bootstrap, held-out and independent rows.
    python bench/quality/synthesis.py DIABOLO DATA [--seeds 0,1,2] [--tvae]
DATA/tables has adult.csv and UCI_Credit_Card.csv (without ID). 90 % of the rows by the seed are learned, as many
generated and compared with them. All but F1 and nearer are errors in per cent.

shape, trend: SDMetrics' report, every pair counted. trend, shared bins: numbers of both tables cut at the training part's
edges; SDMetrics cuts each by its own extremes and so gives a bootstrap of credit 10 %. F1: macro-F1 of CatBoost on the
10 % held out (Adult). nearer: a second fit to a random half; share of generated rows nearer to a learned row than to a
row of the other half. --tvae measures SDV's TVAE with its defaults, minutes a fit; results of earlier runs show without.
"""
import sys

import common  # first: it says how many threads the others may have
import numpy as np
import pandas as pd

import resemblance

SETS = {
    "adult": ("adult.csv", ["age", "fnlwgt", "education-num", "capital-gain", "capital-loss", "hours-per-week"], "income"),
    "credit": ("UCI_Credit_Card.csv", ["X1", "X5", *(f"X{i}" for i in range(12, 24))], None),
}
REFERENCES = {
    "bootstrap": lambda learned, held_out, random: learned.iloc[random.integers(0, len(learned), len(learned))],
    "held-out rows": lambda learned, held_out, random: held_out,
    "independent columns": lambda learned, held_out, random: pd.DataFrame(
        {c: random.permutation(learned[c].to_numpy()) for c in learned.columns}),
}


def read(path, numeric):
    """Numbers as numbers, all else as text without spaces around."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False, skipinitialspace=True)
    table = table.drop(columns="ID", errors="ignore")
    for c in table.columns:
        table[c] = pd.to_numeric(table[c]).astype(np.float64) if c in numeric else table[c].str.strip()
    return table


def write(table, path, numeric):
    """As the files have them: these numbers are all integers."""
    table.astype({c: np.int64 for c in numeric}).to_csv(path, index=False)


def parts(table, seed, share):
    order = np.random.default_rng(seed).permutation(len(table))
    cut = round(share * len(table))
    return [table.iloc[rows].reset_index(drop=True) for rows in (order[:cut], order[cut:])]


def compare(made, learned, held_out, numeric, target, seed):
    """The measures of one generated table."""
    made = made.reset_index(drop=True)
    shape, trend = resemblance.sdmetrics_errors(learned, made, numeric)
    result = {"shape": shape, "trend": trend, "shared": resemblance.trend_error(learned, made, numeric)}
    if target:
        result["f1"] = resemblance.usefulness(made, held_out, target, numeric, seed)
    return result


def tvae(learned, numeric, seed, **settings):
    """SDV's TVAE with its defaults, and the seconds of its fit."""
    import time

    import torch
    from sdv.metadata import Metadata
    from sdv.single_table import TVAESynthesizer

    torch.manual_seed(seed), np.random.seed(seed)
    about = Metadata.load_from_dict({"tables": {"table": resemblance.metadata(learned, numeric)}})
    model = TVAESynthesizer(about, enable_gpu=False, **settings)
    begin = time.perf_counter()
    model.fit({"table": learned})
    seconds = time.perf_counter() - begin
    return model.sample(len(learned))["table"], seconds


def diabolo(command, numeric):
    """A function (learned, seed) -> (as many rows generated, seconds of the fit)."""
    def make(learned, seed):
        write(learned, command / "learned.csv", numeric)
        seconds = command.fit(command / "learned.csv", seed)
        command.run("sample", command / "run", "-n", len(learned), "-o", command / "made.csv", "--seed", seed, "--quiet")
        return read(command / "made.csv", numeric)[list(learned.columns)], seconds

    return make


def measure(make, table, numeric, target, seed, both=True):
    """Everything about one generator `make(learned, seed)`; `both`: nearer too, which takes a second fit."""
    learned, held_out = parts(table, seed, 0.9)
    made, seconds = make(learned, seed)
    result = {**compare(made, learned, held_out, numeric, target, seed), "fit_seconds": seconds}
    if both:
        learned, held_out = parts(table, seed + 1000, 0.5)
        result["nearer"] = resemblance.nearer(make(learned, seed)[0], learned, held_out, numeric)
    return result


def main():
    options = common.parse(__doc__, more=lambda parser: parser.add_argument("--tvae", action="store_true"))
    sets = common.chosen(options, SETS)
    results = common.Results(options, "synthesis")
    for seed in options.seeds:
        for name in sets:
            file, numeric, target = SETS[name]
            table = read(options.data / "tables" / file, numeric)
            learned, held_out = parts(table, seed, 0.9)
            for method, rows in REFERENCES.items():
                results.peer(name, method, seed, lambda: compare(
                    rows(learned, held_out, np.random.default_rng(seed)), learned, held_out, numeric, target, seed))
            if target:
                results.peer(name, "training rows", seed, lambda: {
                    "f1": resemblance.usefulness(learned, held_out, target, numeric, seed)})
            results.peer(name, "SDV TVAE", seed, lambda: measure(
                lambda rows, seed: tvae(rows, numeric, seed), table, numeric, target, seed), wanted=options.tvae)
            results.own(name, seed, lambda command: measure(
                diabolo(command, numeric), table, numeric, target, seed))
    for title, key in (("Shape error, per cent", "shape"), ("Trend error, shared bins, per cent", "shared"),
                       ("Trend error, SDMetrics' bins, per cent", "trend")):
        results.table(title, key, sets, "{:.2f}", 100)
    results.table("Macro-F1 of CatBoost on real rows", "f1", [name for name in sets if SETS[name][2]])
    results.table("Share of generated rows nearer to a learned row than to a held-out one", "nearer", sets)


if __name__ == "__main__":
    sys.exit(main())
