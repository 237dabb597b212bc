"""A problem as `bench_step --loss FOLDER` or `bench_use write FOLDER` wrote it: what every peer starts from.

problem.json   batch, likelihood, and what a peer must find: "loss" of the first batch, or mean
               "score" of the first "scored" rows; "sampled": how many rows to draw
x.npy          [N, D] f32: eight batches, or the rows of encode
noise.npy      [B, Z] f32: the standard normal draw of the first batch's codes (step)
codes.npy      [N, Z] f32: what encode gives (use)
pictures.gz    a link to the pictures in IDX (epoch; bench/parts/epoch.py makes it)
NAME.npy       the parameters by the engine's names; weights are [in, out]
"""
import json
import pathlib

import numpy as np

LOG_2PI = 1.8378770664093453
LEARNING_RATE = 1e-3


class Problem:
    loss = score = None

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        about = json.loads((self.folder / "problem.json").read_text())
        self.batch, self.likelihood = about["batch"], about["likelihood"]
        self.loss, self.score = about.get("loss"), about.get("score")
        self.scored, self.sampled = int(about.get("scored", 0)), int(about.get("sampled", 0))
        self.x = self.array("x")
        self.parameters = {name: self.array(name) for name in about["parameters"]}
        self.latent = len(self.parameters["posterior.mean.bias"])
        self.layers = sum(name.startswith("encoder.") and name.endswith(".weight") for name in self.parameters)

    def array(self, name):
        return np.load(self.folder / f"{name}.npy")

    @property
    def noise(self):
        return self.array("noise")

    @property
    def first(self):
        return self.x[: self.batch]

    def head(self):
        """The name of the layer that gives the logits or the means."""
        return "likelihood.logits" if self.likelihood == "bernoulli" else "likelihood.mean"


class FreshProblem(Problem):
    """Rows in one batch, normal likelihood, one hidden layer of random weights: no file but the data's."""

    def __init__(self, x, hidden, latent):
        random = np.random.default_rng(0)
        self.x, self.batch, self.likelihood, self.latent, self.layers = x, len(x), "normal", latent, 1
        self.parameters = {"likelihood.log_std": np.full(x.shape[1], -1, np.float32)}  # as ours starts
        for name, rows, columns in [("encoder.0", x.shape[1], hidden), ("posterior.mean", hidden, latent),
                                    ("posterior.log_std", hidden, latent), ("decoder.0", latent, hidden),
                                    ("likelihood.mean", hidden, x.shape[1])]:
            limit = (6 / (rows + columns)) ** 0.5
            self.parameters[name + ".weight"] = random.uniform(-limit, limit, (rows, columns)).astype(np.float32)
            self.parameters[name + ".bias"] = np.zeros(columns, np.float32)
