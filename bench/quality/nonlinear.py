"""Whether a nonlinear relation is learned, with diabolo's defaults: predicted, generated, its violation noticed.
    python bench/quality/nonlinear.py DIABOLO - [--seeds 0,1,2] [--only relation,circle,spiral,cross,article]
Data are made here by the seed. relation: 10,000 rows of x0, x1 normal and y = (x0^2 + x1^2)/2 + 0.1 noise; on 10,000
new rows, the error of `predict` over the noise; of 10,000 generated rows, mean and sd of y - (x0^2 + x1^2)/2 over the
noise; AUROC of rows whose y is five noise sd off against new rows. Peers are told what y is and learn it alone.

circle, spiral, cross: 5,000 rows; AUROC of five-fold gradient boosting that tells 5,000 new rows from 5,000 generated
ones, 0.5 is perfect; a fitted Gaussian must be above 0.7. article: 1,000 rows, y in R^2 with unit noise.
"""
import sys

import common  # first: it says how many threads the others may have
import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score


NOISE = 0.1


def relation(random, rows, noise=NOISE, outputs=1):
    x = random.normal(size=(rows, 2))
    y = (x**2).sum(1, keepdims=True) / 2 + noise * random.normal(size=(rows, outputs))
    return pd.DataFrame(np.hstack([x, y]), columns=["x0", "x1", *(["y"] if outputs == 1 else ["y0", "y1"])])


def rest(table, y):
    """What y has beyond the relation."""
    return (table[y] - (table["x0"] ** 2 + table["x1"] ** 2) / 2).to_numpy()


def circle(random, rows):
    angle = random.uniform(0, 2 * np.pi, rows)
    return plane(random, np.cos(angle), np.sin(angle), 0.05)


def spiral(random, rows):
    angle = 3 * np.pi * np.sqrt(random.uniform(0.05, 1, rows))  # one and a half turns
    radius = angle / (3 * np.pi)
    return plane(random, radius * np.cos(angle), radius * np.sin(angle), 0.03)


def cross(random, rows):
    along, side = random.uniform(-1, 1, rows), random.integers(0, 2, rows)
    return plane(random, np.where(side, along, 0), np.where(side, 0, along), 0.05)


def plane(random, a, b, noise):
    return pd.DataFrame({"a": a, "b": b}) + noise * random.normal(size=(len(a), 2))


SHAPES = {"circle": circle, "spiral": spiral, "cross": cross}


def tell_apart(real, made):
    """AUROC of a two-sample test: five folds of gradient boosting."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    x = np.vstack([real.to_numpy(), made[list(real.columns)].to_numpy()])
    labels = np.r_[np.zeros(len(real)), np.ones(len(made))]
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    guess = cross_val_predict(HistGradientBoostingClassifier(random_state=0), x, labels, cv=folds, method="predict_proba")
    return {"auroc": roc_auc_score(labels, guess[:, 1])}


def fitted(command, table, seed):
    table.to_csv(command / "rows.csv", index=False)
    return command.fit(command / "rows.csv", seed)


def sampled(command, rows, seed):
    command.run("sample", command / "run", "-n", rows, "-o", command / "made.csv", "--seed", seed, "--quiet")
    return pd.read_csv(command / "made.csv")


def solved(command, learned, fresh, shifted, seed):
    """All measures of the relation y = (x0^2 + x1^2)/2 + 0.1 noise."""
    seconds = fitted(command, learned, seed)
    fresh.to_csv(command / "fresh.csv", index=False)
    shifted.to_csv(command / "shifted.csv", index=False)
    command.run("predict", command / "run", command / "fresh.csv", "--target", "y", "-o", command / "y.csv", "--quiet")
    predicted = pd.read_csv(command / "y.csv")["y"]
    made = rest(sampled(command, len(fresh), seed), "y")
    scores = [command.score(command / f"{name}.csv") for name in ("fresh", "shifted")]
    labels = np.r_[np.zeros(len(fresh)), np.ones(len(shifted))]
    return {"error": np.sqrt(((predicted - fresh["y"]) ** 2).mean()) / NOISE, "mean": made.mean(),
            "sd": made.std() / NOISE, "auroc": roc_auc_score(labels, np.concatenate(scores)), "fit_seconds": seconds}


def boosted(learned, fresh):
    """Gradient boosting told to predict y."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    model = HistGradientBoostingRegressor(random_state=0).fit(learned[["x0", "x1"]], learned["y"])
    return {"error": np.sqrt(((model.predict(fresh[["x0", "x1"]]) - fresh["y"]) ** 2).mean()) / NOISE}


def article(command, learned, seed):
    """y in R^2, unit noise in each: mean and sd of what generated rows have beyond the relation (0 and 1)."""
    seconds = fitted(command, learned, seed)
    made = sampled(command, 10_000, seed)
    both = np.r_[rest(made, "y0"), rest(made, "y1")]
    return {"mean": both.mean(), "sd": both.std(), "fit_seconds": seconds}


def main():
    options = common.parse(__doc__)
    sets = common.chosen(options, ["relation", *SHAPES, "article"])
    results = common.Results(options, "nonlinear")
    for seed in options.seeds:
        for name in sets:
            random = np.random.default_rng([seed, 0])
            if name == "relation":
                learned, fresh, shifted = (relation(random, 10_000) for _ in range(3))
                shifted["y"] += 5 * NOISE * random.choice([-1, 1], len(shifted))
                results.peer(name, "boosting", seed, lambda: boosted(learned, fresh))
                results.own(name, seed, lambda command: solved(command, learned, fresh, shifted, seed))
            elif name == "article":
                learned = relation(random, 1000, 1, 2)
                results.own(name, seed, lambda command: article(command, learned, seed))
            else:
                learned, fresh = (SHAPES[name](random, 5000) for _ in range(2))
                gaussian = random.multivariate_normal(learned.mean(), learned.cov(), 5000)
                results.peer(name, "Gaussian", seed, lambda: tell_apart(fresh, pd.DataFrame(gaussian, columns=["a", "b"])))
                results.peer(name, "new rows", seed, lambda: tell_apart(fresh, SHAPES[name](random, 5000)))
                results.own(name, seed, lambda command: {
                    "fit_seconds": fitted(command, learned, seed), **tell_apart(fresh, sampled(command, 5000, seed))})
    results.table("Error of predicted y over the noise", "error", [s for s in sets if s == "relation"])
    results.table("Generated rows: mean beyond the relation", "mean", [s for s in sets if s in ("relation", "article")], "{:+.4f}")
    results.table("Generated rows: sd beyond the relation over the noise", "sd", [s for s in sets if s in ("relation", "article")])
    results.table("AUROC of rows five noise sd off", "auroc", [s for s in sets if s == "relation"])
    results.table("AUROC of telling generated rows from new ones", "auroc", [s for s in sets if s in SHAPES])
    results.table("Seconds of a fit", "fit_seconds", sets, "{:.1f}")


if __name__ == "__main__":
    sys.exit(main())
