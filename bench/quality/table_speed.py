"""How fast and how large fits of tables are: an epoch over a large Parquet file, and Adult to its end beside SDV's TVAE.
    python bench/quality/table_speed.py DIABOLO DATA [--seeds 0,1,2] [--only million,adult]
million: 1,000,000 rows x 30 columns (20 numbers, 5 integers, 5 categories) made once in OUT; `fit --epochs 1`, seconds
from start to end and memory at its peak. adult: the 90 % of DATA/tables/adult.csv of each seed; diabolo with its
defaults, from CSV to the model, against `TVAESynthesizer(metadata).fit(frame)` alone, both with all cores. For a
machine with nothing else to do.
"""
import os
import sys

os.environ["OMP_NUM_THREADS"] = str(len(os.sched_getaffinity(0)))  # TVAE as it is by default

import common  # first: it says how many threads the others may have
import numpy as np
import pandas as pd

import synthesis

ROWS, CHUNK = 1_000_000, 100_000


def million(path):
    """Columns that depend on eight hidden numbers, so that there is something to learn."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    random = np.random.default_rng(0)
    mix, writer = random.normal(size=(8, 30)), None
    fresh = path.with_suffix(".new")
    for _ in range(ROWS // CHUNK):
        values = np.tanh(random.normal(size=(CHUNK, 8))) @ mix + 0.3 * random.normal(size=(CHUNK, 30))
        columns = {f"x{i}": values[:, i] for i in range(20)}
        columns |= {f"n{i}": np.floor(np.exp(values[:, 20 + i])).astype(np.int64) for i in range(5)}
        columns |= {f"c{i}": np.char.add("level ", np.digitize(values[:, 25 + i], range(-3, 4)).astype(str)) for i in range(5)}
        table = pa.table(columns)
        writer = writer or pq.ParquetWriter(fresh, table.schema)
        writer.write_table(table)
    writer.close()
    fresh.rename(path)


def measured(command, data, seed, *more):
    seconds, peak = command.measured("fit", data, "-o", command / "run", "--quiet", "--seed", seed, *more, *command.more)
    return {"fit_seconds": seconds, "peak_mib": peak}


def adult(command, learned, numeric, seed):
    synthesis.write(learned, command / "learned.csv", numeric)
    return measured(command, command / "learned.csv", seed)


def main():
    options = common.parse(__doc__, peers="fresh")  # times of one run, or they do not compare
    sets = common.chosen(options, ["million", "adult"])
    results = common.Results(options, "table_speed")
    file, numeric, _ = synthesis.SETS["adult"]
    for seed in options.seeds:
        if "million" in sets:
            path = options.out / "million.parquet"
            if not path.exists():
                million(path)
            results.own("million", seed, lambda command: measured(command, path, seed, "--epochs", 1))
        if "adult" in sets:
            learned, _ = synthesis.parts(synthesis.read(options.data / "tables" / file, numeric), seed, 0.9)
            results.own("adult", seed, lambda command: adult(command, learned, numeric, seed))
            results.peer("adult", "SDV TVAE", seed, lambda: {"fit_seconds": synthesis.tvae(learned, numeric, seed)[1]})
    results.table("Seconds of a fit", "fit_seconds", sets, "{:.1f}")
    results.table("Memory at the peak of a fit, MiB", "peak_mib", sets, "{:.0f}")
    ratio = [p / o for p, o in zip(results.values("adult", "SDV TVAE", "fit_seconds"), results.values("adult", "diabolo", "fit_seconds"))]
    if ratio:
        print(f"\nAdult: SDV TVAE takes {np.mean(ratio):.1f} times as long ({min(ratio):.1f} to {max(ratio):.1f})")


if __name__ == "__main__":
    sys.exit(main())
