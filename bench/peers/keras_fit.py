"""Keras 3 on TensorFlow: `fit` with jit_compile, batches from a cached tf.data pipeline."""
import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import tensorflow as tf
from keras import ops

from problem import LEARNING_RATE, LOG_2PI


class Vae(keras.Model):
    def __init__(self, problem):
        super().__init__()
        self.likelihood, self.head = problem.likelihood, problem.head()
        self.dense = {}
        for name, value in problem.parameters.items():
            if name.endswith(".weight"):
                name = name.removesuffix(".weight")
                relu = name.startswith(("encoder", "decoder"))
                layer = keras.layers.Dense(value.shape[1], activation="relu" if relu else None)
                layer.build((None, value.shape[0]))
                layer.set_weights([value, problem.parameters[name + ".bias"]])
                self.dense[name] = layer
        self.tracked = list(self.dense.values())  # what fit trains
        if self.likelihood == "normal":
            start = problem.parameters["likelihood.log_std"]
            self.scale = self.add_weight(shape=start.shape, initializer=keras.initializers.Constant(start))
        self.seed = keras.random.SeedGenerator(0)

    def network(self, name, h):
        for key, layer in self.dense.items():
            if key.startswith(name):
                h = layer(h)
        return h

    def terms(self, x, noise):
        h = self.network("encoder", x)
        mean, log_std = self.dense["posterior.mean"](h), self.dense["posterior.log_std"](h)
        std = ops.exp(log_std)
        noise = keras.random.normal(ops.shape(std), seed=self.seed) if noise is None else noise
        y = self.dense[self.head](self.network("decoder", mean + std * noise))
        kl = ops.sum(0.5 * (ops.square(mean) + ops.square(std) - 1) - log_std)
        if self.likelihood == "bernoulli":
            nll = ops.sum(ops.softplus(y) - x * y)
        else:
            nll = ops.sum(0.5 * ops.square((x - y) * ops.exp(-self.scale)) + self.scale + 0.5 * LOG_2PI)
        return (nll + kl) / ops.cast(ops.shape(x)[0], "float32")

    def call(self, x, noise=None):
        loss = self.terms(x, noise)
        self.add_loss(loss)
        return loss


class Peer:
    def __init__(self, problem, threads):
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
        self.problem, self.model = problem, Vae(problem)
        self.model.compile(optimizer=keras.optimizers.Adam(LEARNING_RATE), jit_compile=True)
        data = tf.data.Dataset.from_tensor_slices(problem.x)
        self.data = data.batch(problem.batch, drop_remainder=True).cache().repeat().prefetch(2)

    def loss(self):
        return float(self.model.terms(ops.convert_to_tensor(self.problem.first), ops.convert_to_tensor(self.problem.noise)))

    def steps(self, count):
        self.model.fit(self.data, steps_per_epoch=count, verbose=0)
