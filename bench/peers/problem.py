"""A training problem as `bench_step --loss FOLDER` wrote it: what every peer starts from.

problem.json   widths, batch, likelihood, the loss of the first batch
x.npy          [8 B, D] f32: eight batches
noise.npy      [B, Z] f32: the standard normal draw of the first batch's codes
NAME.npy       the parameters by the engine's names; weights are [in, out]
"""
import json
import pathlib

import numpy as np

LOG_2PI = 1.8378770664093453
LEARNING_RATE = 1e-3


class Problem:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        about = json.loads((self.folder / "problem.json").read_text())
        self.batch, self.likelihood, self.loss = about["batch"], about["likelihood"], about["loss"]
        self.x = self.array("x")
        self.noise = self.array("noise")
        self.parameters = {name: self.array(name) for name in about["parameters"]}
        self.latent = self.noise.shape[1]
        self.layers = sum(name.startswith("encoder.") and name.endswith(".weight") for name in self.parameters)

    def array(self, name):
        return np.load(self.folder / f"{name}.npy")

    @property
    def first(self):
        return self.x[: self.batch]

    def head(self):
        """The name of the layer that gives the logits or the means."""
        return "likelihood.logits" if self.likelihood == "bernoulli" else "likelihood.mean"
