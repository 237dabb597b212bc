"""TensorFlow as articles write it: Keras layers, a GradientTape, an optimiser, one Python call an operation."""
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf

from keras_layers import dense_layers, network
from problem import LEARNING_RATE, LOG_2PI


class Peer:
    def __init__(self, problem, threads):
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
        self.problem = problem
        self.dense = dense_layers(problem)
        self.variables = [v for layer in self.dense.values() for v in layer.trainable_variables]
        if problem.likelihood == "normal":
            self.scale = tf.Variable(problem.parameters["likelihood.log_std"])
            self.variables.append(self.scale)
        self.optimizer = tf.keras.optimizers.Adam(LEARNING_RATE)
        self.batches = [tf.constant(b) for b in problem.x.reshape(-1, *problem.first.shape)]

    def posterior(self, x):
        h = network(self.dense, "encoder", x)
        return self.dense["posterior.mean"](h), self.dense["posterior.log_std"](h)

    def decode(self, z):
        return self.dense[self.problem.head()](network(self.dense, "decoder", z))

    def terms(self, x, noise):
        mean, log_std = self.posterior(x)
        std = tf.exp(log_std)
        y = self.decode(mean + std * noise)
        kl = tf.reduce_sum(0.5 * (tf.square(mean) + tf.square(std) - 1) - log_std)
        if self.problem.likelihood == "bernoulli":
            nll = tf.reduce_sum(tf.nn.sigmoid_cross_entropy_with_logits(labels=x, logits=y))
        else:
            nll = tf.reduce_sum(0.5 * tf.square((x - y) * tf.exp(-self.scale)) + self.scale + 0.5 * LOG_2PI)
        return (nll + kl) / len(x)

    def loss(self):
        return float(self.terms(self.batches[0], self.problem.noise))

    def steps(self, count):
        for i in range(count):
            x = self.batches[i % len(self.batches)]
            with tf.GradientTape() as tape:
                loss = self.terms(x, tf.random.normal((len(x), self.problem.latent)))
            self.optimizer.apply_gradients(zip(tape.gradient(loss, self.variables), self.variables))
        return float(loss)

    def reconstruct(self, x):
        mean, log_std = self.posterior(x)
        return self.decode(mean + tf.exp(log_std) * tf.random.normal(mean.shape)).numpy()
