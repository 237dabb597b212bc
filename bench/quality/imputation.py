"""How well holes are filled in: mean squared error on the missing cells of standardised tables, half of the cells missing.
    python bench/quality/imputation.py DIABOLO DATA [--seeds 0,1,2,3,4] [--epochs N]
DATA/imputation has breast_cancer.csv (30 features, the class left out), winequality-red.csv (12 columns) and
concrete.csv (9 columns). Columns are standardised by the complete data, then each cell is removed with probability
1/2 by the seed; diabolo and the peers learn from the incomplete table and fill the same one in. No complete cell is
used to stop or to choose anything.
"""
import sys

import common  # first: it says how many threads the others may have
import numpy as np
import pandas as pd


MISSING = 0.5


def read(folder):
    """{set: complete table, standardised}"""
    tables = {
        "breast": pd.read_csv(folder / "breast_cancer.csv", skiprows=1, header=None).iloc[:, :-1],
        "red wine": pd.read_csv(folder / "winequality-red.csv", header=None),
        "concrete": pd.read_csv(folder / "concrete.csv").iloc[:, 1:],
    }
    scaled = {}
    for name, table in tables.items():
        x = table.to_numpy(np.float64)
        scaled[name] = (x - x.mean(0)) / x.std(0)
    return scaled


def holes(x, seed):
    return np.where(np.random.default_rng(seed).random(x.shape) < MISSING, np.nan, x)


def miwae(holed, seed, epochs):
    import miwae

    return miwae.impute(holed, seed, epochs)


def forest(holed, seed):
    """As missForest: forests of 100 trees, a regression a column, ten rounds, sqrt(columns) tried at each split."""
    import warnings

    from sklearn.ensemble import RandomForestRegressor
    from sklearn.experimental import enable_iterative_imputer  # noqa: F401
    from sklearn.impute import IterativeImputer

    trees = RandomForestRegressor(100, max_features="sqrt", random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that ten rounds are not convergence
        return IterativeImputer(trees, max_iter=10, random_state=seed).fit_transform(holed)


def nearest(holed, seed):
    from sklearn.impute import KNNImputer

    return KNNImputer().fit_transform(holed)


def mean(holed, seed):
    return np.where(np.isnan(holed), np.nanmean(holed, 0), holed)


def error(x, holed, filled):
    missing = np.isnan(holed)
    assert filled.shape == x.shape and not np.isnan(filled).any()
    return {"mse": ((filled - x)[missing] ** 2).mean(), "touched": np.abs(filled - x)[~missing].max()}


def diabolo(command, x, holed, seed):
    names = [f"c{i}" for i in range(x.shape[1])]
    data, filled = command / "holed.csv", command / "filled.csv"
    pd.DataFrame(holed, columns=names).to_csv(data, index=False)
    seconds = command.fit(data, seed)
    command.run("impute", command / "run", data, "-o", filled, "--quiet")
    return {**error(x, holed, pd.read_csv(filled)[names].to_numpy(np.float64)), "fit_seconds": seconds}


def main():
    options = common.parse(__doc__, "0,1,2,3,4", lambda parser: parser.add_argument(
        "--epochs", type=int, default=2000, help="of MIWAE, default 2000"))
    tables = read(options.data / "imputation")
    sets = common.chosen(options, tables)
    results = common.Results(options, "imputation")
    peers = {"MIWAE": lambda holed, seed: miwae(holed, seed, options.epochs), "random forest": forest,
             "kNN": nearest, "mean": mean}
    for seed in options.seeds:
        for name in sets:
            x = tables[name]
            holed = holes(x, seed)
            for method, impute in peers.items():
                results.peer(name, method, seed, lambda: error(x, holed, impute(holed, seed)))
            results.own(name, seed, lambda command: diabolo(command, x, holed, seed))
    results.table("Mean squared error on missing cells, half of all cells missing", "mse", sets)
    results.table("Largest change of an observed cell", "touched", sets, "{:.1e}")


if __name__ == "__main__":
    sys.exit(main())
