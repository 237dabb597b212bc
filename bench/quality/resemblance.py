"""How much generated rows are like real ones: errors of columns and of pairs of columns, a classifier's use of them,
and whether they are copies.

A table is a pandas frame whose numeric columns (`numeric`) are numbers and whose others are text.
"""
import itertools

import numpy as np
import pandas as pd


def metadata(table, numeric):
    return {"columns": {c: {"sdtype": "numerical" if c in numeric else "categorical"} for c in table.columns}}


def sdmetrics_errors(real, made, numeric):
    """(shape, trend) of SDMetrics' quality report, every pair counted; it bins each table by its own extremes."""
    from sdmetrics.reports.single_table._properties import ColumnPairTrends, ColumnShapes

    about = metadata(real, numeric)
    return tuple(1 - part().get_score(real, made, about) for part in (ColumnShapes, ColumnPairTrends))


def trend_error(real, made, numeric, bins=10, shared=True):
    """As SDMetrics', but numbers beside categories are cut at the real table's edges: numbers of both tables at the
    same places. `shared=False` is SDMetrics' way, for a test of this function."""
    def codes(table, edges_of):
        cut = {}
        for c in table.columns:
            if c in numeric:
                edges = np.histogram_bin_edges(edges_of[c], bins)
                cut[c] = np.digitize(table[c], edges[1:-1] if shared else edges)
            else:
                cut[c] = pd.Categorical(table[c], levels[c]).codes
        return cut

    levels = {c: pd.unique(pd.concat([real[c], made[c]])) for c in real.columns if c not in numeric}
    cut = codes(real, real), codes(made, real if shared else made)
    correlations = [np.corrcoef(t[list(numeric)].to_numpy(np.float64).T) for t in (real, made)]
    place = {c: i for i, c in enumerate(numeric)}
    errors = []
    for a, b in itertools.combinations(real.columns, 2):
        if a in place and b in place:
            one, other = (r[place[a], place[b]] for r in correlations)
            errors.append(abs(one - other) / 2)
            continue
        size = max(t[b].max() for t in cut) + 1
        pairs = [t[a].astype(np.int64) * size + t[b] for t in cut]
        length = max(p.max() for p in pairs) + 1
        shares = [np.bincount(p, minlength=length) / len(p) for p in pairs]
        errors.append(np.abs(shares[0] - shares[1]).sum() / 2)
    return float(np.nanmean(errors))


def usefulness(made, test, target, numeric, seed, trees=300):
    """Macro-F1 on real rows of a CatBoost classifier trained on `made`."""
    from catboost import CatBoostClassifier
    from sklearn.metrics import f1_score

    columns = [c for c in made.columns if c != target]
    if made[target].nunique() < 2:
        return f1_score(test[target], np.full(len(test), made[target].iloc[0]), average="macro")
    model = CatBoostClassifier(iterations=trees, random_seed=seed, thread_count=2, verbose=False,
                               allow_writing_files=False, cat_features=[c for c in columns if c not in numeric])
    model.fit(made[columns], made[target])
    return f1_score(test[target], model.predict(test[columns]).ravel(), average="macro")


def nearer(made, learned, held_out, numeric):
    """Share of the rows of `made` nearer to a row of `learned` than to one of `held_out`, as large a part; ties half.
    Euclidean; numbers are divided by the sd of the real ones, two different categories are 1 apart."""
    real = pd.concat([learned, held_out])
    sd = real[list(numeric)].std().replace(0, 1)

    def coordinates(table):
        parts = [(table[list(numeric)] / sd).to_numpy(np.float32)]
        for c in (c for c in table.columns if c not in numeric):
            levels = pd.unique(real[c])
            parts.append((table[c].to_numpy()[:, None] == levels[None]).astype(np.float32) / np.sqrt(2))
        return np.hstack(parts)

    center = coordinates(real).mean(0)
    parts = [coordinates(part) - center for part in (made, learned, held_out)]
    squares = [(part**2).sum(1) for part in parts]
    wins = 0.0
    for begin in range(0, len(made), 1000):
        rows = parts[0][begin : begin + 1000]
        one, other = ((s - 2 * rows @ p.T).min(1) for p, s in zip(parts[1:], squares[1:]))
        wins += (one < other).sum() + 0.5 * (one == other).sum()
    return wins / len(made)
