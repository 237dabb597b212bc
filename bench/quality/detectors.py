"""Anomaly detectors to compare with, each a function (train, test, seed) -> score of each test row, high = abnormal.

test is None where the rows to score are those of train: then the nearest neighbours of a row leave out the row itself.
Settings are those of ADBench and PyOD where there is a default; arrays come standardised.
"""
import numpy as np

RIDGE = 1e-3  # added to the diagonal of covariances of standardised columns


def isolation_forest(train, test, seed):
    from sklearn.ensemble import IsolationForest

    forest = IsolationForest(random_state=seed).fit(train)
    return -forest.score_samples(train if test is None else test)


def nearest(train, test, seed, k=5):
    """Distance to the k-th neighbour."""
    from sklearn.neighbors import NearestNeighbors

    return NearestNeighbors(n_neighbors=k, n_jobs=1).fit(train).kneighbors(test)[0][:, -1]


def gaussian(train, test, seed):
    """Mahalanobis distance by the full covariance."""
    covariance = np.cov(train.T, dtype=np.float64) + RIDGE * np.eye(train.shape[1])
    away = (train if test is None else test) - train.mean(0)
    return np.einsum("ij,ij->i", away, np.linalg.solve(covariance, away.T).T)


def mixture(train, test, seed, components=5):
    """-log p(x) of a mixture with full covariances."""
    from sklearn.mixture import GaussianMixture

    model = GaussianMixture(components, reg_covar=RIDGE, random_state=seed).fit(train.astype(np.float64))
    return -model.score_samples(train if test is None else test)


def pyod_vae(train, test, seed):
    """PyOD's VAE as it is by default: 128-64-32, 2 latents, 30 epochs; the reconstruction error.
    On rows far from those it has seen the error can exceed all numbers: no row is more abnormal then."""
    import torch
    from pyod.models.vae import VAE

    torch.set_num_threads(1)
    model = VAE(random_state=seed, verbose=0, device=torch.device("cpu")).fit(train)
    return np.nan_to_num(model.decision_scores_ if test is None else model.decision_function(test))


DETECTORS = {
    "isolation forest": isolation_forest,
    "kNN": nearest,
    "Gaussian": gaussian,
    "5-Gaussian mixture": mixture,
    "PyOD VAE": pyod_vae,
}
