"""How well scores tell anomalies: AUROC in per cent on sets of the ADBench collection, unsupervised and normal-only.
    python bench/quality/anomaly.py DIABOLO DATA [--seeds 0,1,2,3,4] [--protocol unsupervised|normal-only] [--form array|table]
DATA/anomaly/*.npz has arrays X and y (1 = anomaly). Sets are cut to 50,000 rows by the seed before anything else;
columns are standardised by the training part (sd 0 counts as 1); nothing is resampled.

Unsupervised: fit and score all rows. Normal-only: fit a random half of the normal rows, score the other half and all
anomalies. Masked: held-out normal rows with 30 % of their cells missing against the same rows whole, by a model of the
same rows that takes missing cells (`--missing nan`); 50 says that a hole looks neither normal nor abnormal.
--form table gives diabolo the same numbers as CSV: a table is fitted by other defaults.
"""
import sys

import common  # first: it says how many threads the others may have
import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from detectors import DETECTORS

ROWS = 50_000
MASKED = 0.3
PROTOCOLS = ["unsupervised", "normal-only"]


def read(path, seed):
    with np.load(path) as arrays:
        x, y = arrays["X"].astype(np.float64), arrays["y"].astype(int)
    if len(x) > ROWS:
        kept = np.random.default_rng(seed).permutation(len(x))[:ROWS]
        x, y = x[kept], y[kept]
    return x, y


def split(x, y, protocol, seed):
    """(train, test, labels of the rows to score), standardised; test is None where it is train."""
    if protocol == "unsupervised":
        train, test, labels = x, None, y
    else:
        normal = np.random.default_rng([seed, 1]).permutation(np.flatnonzero(y == 0))
        train, held_out = x[normal[: len(normal) // 2]], normal[len(normal) // 2 :]
        rest = np.concatenate([held_out, np.flatnonzero(y == 1)])
        test, labels = x[rest], y[rest]
    mean, sd = train.mean(0), train.std(0)
    sd[sd == 0] = 1
    scaled = [None if part is None else ((part - mean) / sd).astype(np.float32) for part in (train, test)]
    return *scaled, labels


def write(rows, path, form):
    if form == "array":
        np.save(path.with_suffix(".npy"), rows)
        return path.with_suffix(".npy")
    pd.DataFrame(rows).add_prefix("x").to_csv(path.with_suffix(".csv"), index=False)
    return path.with_suffix(".csv")


def diabolo(command, train, test, labels, seed, form):
    learned = write(train, command / "train", form)
    scored = train if test is None else test
    seconds = command.fit(learned, seed)
    scores = command.score(write(scored, command / "test", form))
    result = {"auroc": roc_auc_score(labels, scores), "fit_seconds": seconds}
    if test is not None:
        whole = scored[labels == 0]
        masked = np.where(np.random.default_rng([seed, 2]).random(whole.shape) < MASKED, np.nan, whole).astype(np.float32)
        holes = ["--missing", "nan"] if form == "array" else []
        if holes:
            command.fit(learned, seed, *holes)
        both = [command.score(write(rows, command / "rows", form), *holes) for rows in (whole, masked)]
        result["masked"] = roc_auc_score(np.repeat([0, 1], len(whole)), np.concatenate(both))
    return result


def main():
    def more(parser):
        parser.add_argument("--protocol", choices=PROTOCOLS)
        parser.add_argument("--form", choices=["array", "table"], default="array")

    options = common.parse(__doc__, more=more)
    files = {path.stem: path for path in sorted((options.data / "anomaly").glob("*.npz"), key=lambda p: p.stem.lower())}
    sets = common.chosen(options, files)
    for protocol in [options.protocol] if options.protocol else PROTOCOLS:
        results = common.Results(options, f"anomaly-{protocol}")
        for seed in options.seeds:
            for name in sets:
                train, test, labels = split(*read(files[name], seed), protocol, seed)
                for method, scores in DETECTORS.items():
                    results.peer(name, method, seed,
                                 lambda: {"auroc": roc_auc_score(labels, scores(train, test, seed))})
                results.own(name, seed, lambda command: diabolo(command, train, test, labels, seed, options.form))
        results.table(f"AUROC, {protocol}, per cent", "auroc", sets, "{:.1f}", 100, mean=True)
        if protocol == "normal-only":
            results.table("AUROC of masked against whole normal rows, per cent", "masked", sets, "{:.1f}", 100, mean=True)


if __name__ == "__main__":
    sys.exit(main())
