"""Keras 3 on TensorFlow: `fit` and `predict` with jit_compile, batches from a tf.data pipeline.

One row, draws and scores go through tf.function, since a `predict` takes milliseconds to start.
"""
import functools
import math
import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from keras_layers import dense_layers, network
from problem import LEARNING_RATE, LOG_2PI


class Vae(keras.Model):
    def __init__(self, problem):
        super().__init__()
        self.likelihood, self.head = problem.likelihood, problem.head()
        self.dense = dense_layers(problem)
        self.tracked = list(self.dense.values())  # what fit trains
        if self.likelihood == "normal":
            start = problem.parameters["likelihood.log_std"]
            self.scale = self.add_weight(shape=start.shape, initializer=keras.initializers.Constant(start))
        self.seed = keras.random.SeedGenerator(0)

    def posterior(self, x):
        h = network(self.dense, "encoder", x)
        return self.dense["posterior.mean"](h), self.dense["posterior.log_std"](h)

    def encode(self, x):
        return self.dense["posterior.mean"](network(self.dense, "encoder", x))

    def decode(self, z):
        return self.dense[self.head](network(self.dense, "decoder", z))

    def normal(self, shape):
        return keras.random.normal(shape, seed=self.seed)

    def terms(self, x, noise):
        mean, log_std = self.posterior(x)
        std = ops.exp(log_std)
        y = self.decode(mean + std * (self.normal(ops.shape(std)) if noise is None else noise))
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

    def sample(self, count, latent):
        y = self.decode(self.normal((count, latent)))
        return ops.cast(keras.random.uniform(ops.shape(y), seed=self.seed) < ops.sigmoid(y), "uint8")

    def score(self, x, samples):
        mean, log_std = self.posterior(x)
        noise = self.normal((samples, *mean.shape))
        z = mean + ops.exp(log_std) * noise
        y = self.decode(z)
        log_px = ops.sum(x * y - ops.softplus(y), -1)
        log_ratio = ops.sum(0.5 * (ops.square(noise) - ops.square(z)) + log_std, -1)  # log p(z) - log q(z|x)
        return math.log(samples) - ops.logsumexp(log_px + log_ratio, 0)


class Encoder(keras.Model):
    def __init__(self, vae):
        super().__init__()
        self.vae = vae

    def call(self, x):
        return self.vae.encode(x)


class Peer:
    run_seconds = 0.25  # a fit takes its time to start

    def __init__(self, problem, threads):
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
        self.problem, self.model = problem, Vae(problem)
        self.model.compile(optimizer=keras.optimizers.Adam(LEARNING_RATE), jit_compile=True)
        self.encoder = Encoder(self.model)
        self.encoder.compile(jit_compile=True)
        self.one = tf.function(self.model.encode, jit_compile=True)
        self.sampler = tf.function(self.model.sample)  # XLA's random numbers are slow on processors
        self.scorer = tf.function(self.model.score)

    @functools.cached_property
    def batches(self):
        data = tf.data.Dataset.from_tensor_slices(self.problem.x)
        return data.batch(self.problem.batch, drop_remainder=True).cache().repeat().prefetch(2)

    def loss(self):
        x, noise = ops.convert_to_tensor(self.problem.first), ops.convert_to_tensor(self.problem.noise)
        return float(self.model.terms(x, noise))

    def steps(self, count):
        self.model.fit(self.batches, steps_per_epoch=count, verbose=0)

    def epochs(self, count):
        done = self.model.fit(self.problem.x, batch_size=self.problem.batch, epochs=count, verbose=0)
        return done.history["loss"][-1]

    def epoch(self, pictures):
        return self.model.fit(self.shuffled(pictures), verbose=0).history["loss"][0]

    @functools.cache
    def shuffled(self, pictures):
        """Whole batches, so that one compiled step serves: the last few rows wait for the next epoch."""
        def binarised(indices):
            grey = tf.cast(tf.gather(pictures.rows, indices), tf.float32) / 255
            return tf.cast(tf.random.uniform(tf.shape(grey)) < grey, tf.float32)

        data = tf.data.Dataset.range(len(pictures.rows)).shuffle(len(pictures.rows))
        data = data.batch(self.problem.batch, drop_remainder=True).map(binarised, num_parallel_calls=tf.data.AUTOTUNE)
        return data.prefetch(tf.data.AUTOTUNE)

    def rows(self, array):
        return Rows(array)

    def reconstruct(self, x):
        """Means decoded from a draw of each row's code."""
        def decoded(x):
            mean, log_std = self.model.posterior(x)
            return self.model.decode(mean + ops.exp(log_std) * self.model.normal(mean.shape))

        return tf.function(decoded, jit_compile=True)(x).numpy()

    def encode(self, x):
        if len(x.rows) == 1:
            return self.one(x.rows).numpy()
        return self.encoder.predict(x.rows, batch_size=1000, verbose=0)

    def sample(self, count):
        return self.sampler(count, self.problem.latent).numpy()

    def score(self, x, samples):
        return np.concatenate([self.scorer(part.rows, samples) for part in x])


class Rows:
    """Rows as a tensor; unlike a tensor it is a key."""

    def __init__(self, array):
        self.rows = tf.constant(array)
