"""JAX: the whole step in one jit, its state donated, batches on the device, Adam by hand.

An epoch is one jit as well: a scan over batches of a permutation, each binarised in the step.
"""
import functools

import jax
import jax.numpy as jnp
import numpy as np

from problem import LEARNING_RATE, LOG_2PI

PIECE = 1000  # rows


class Peer:
    def __init__(self, problem, threads):  # XLA takes as many threads as the process may use cores
        self.problem = problem
        self.parameters = {k: jnp.array(v) for k, v in problem.parameters.items()}
        zeros = {k: jnp.zeros_like(v) for k, v in self.parameters.items()}
        start = jax.tree.map(jnp.copy, self.parameters)
        self.state = start, zeros, {k: jnp.zeros_like(v) for k, v in zeros.items()}, jnp.zeros((), jnp.int32)
        self.jitted = jax.jit(self.advance, donate_argnums=0)
        self.jitted_epoch = jax.jit(self.advance_epoch, donate_argnums=0)
        self.jitted_encode = jax.jit(self.means)
        self.jitted_sample = jax.jit(self.draw, static_argnums=1)
        self.jitted_score = jax.jit(self.scores, static_argnums=3)
        self.calls = 0

    @functools.cached_property
    def batches(self):
        return [jnp.array(b) for b in self.problem.x.reshape(-1, *self.problem.first.shape)]

    def dense(self, p, name, h):
        return h @ p[name + ".weight"] + p[name + ".bias"]

    def network(self, p, name, h):
        for i in range(self.problem.layers):
            h = jax.nn.relu(self.dense(p, f"{name}.{i}", h))
        return h

    def posterior(self, p, x):
        h = self.network(p, "encoder", x)
        return self.dense(p, "posterior.mean", h), self.dense(p, "posterior.log_std", h)

    def decode(self, p, z):
        return self.dense(p, self.problem.head(), self.network(p, "decoder", z))

    def terms(self, p, x, noise):
        mean, log_std = self.posterior(p, x)
        std = jnp.exp(log_std)
        y = self.decode(p, mean + std * noise)
        kl = (0.5 * (mean**2 + std**2 - 1) - log_std).sum()
        if self.problem.likelihood == "bernoulli":
            nll = (jax.nn.softplus(y) - x * y).sum()
        else:
            scale = p["likelihood.log_std"]
            nll = (0.5 * ((x - y) * jnp.exp(-scale)) ** 2 + scale + 0.5 * LOG_2PI).sum()
        return (nll + kl) / x.shape[0]

    def key(self, number):
        return jax.random.fold_in(jax.random.key(0, impl="rbg"), number)

    def advance(self, state, x):
        p, m, v, t = state
        noise = jax.random.normal(self.key(t), (x.shape[0], self.problem.latent))
        loss, g = jax.value_and_grad(self.terms)(p, x, noise)
        t = t + 1
        rate = LEARNING_RATE * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
        v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
        p = jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) + 1e-8), p, m, v)
        return (p, m, v, t), loss

    def advance_epoch(self, state, pictures, number):
        """Batches of a fixed size, so the last few rows of the permutation wait for the next epoch."""
        shuffle, binarise = jax.random.split(self.key(number))
        count = len(pictures) // self.problem.batch
        rows = jax.random.permutation(shuffle, len(pictures))[: count * self.problem.batch]

        def one(state, inputs):
            indices, key = inputs
            grey = pictures[indices].astype(jnp.float32) / 255
            return self.advance(state, (jax.random.uniform(key, grey.shape) < grey).astype(jnp.float32))

        state, losses = jax.lax.scan(one, state, (rows.reshape(count, -1), jax.random.split(binarise, count)))
        return state, losses.mean()

    def means(self, p, x):
        """Many rows in pieces that stay in cache: twice as fast as all at once."""
        pieces = x.reshape(-1, min(len(x), PIECE), x.shape[1])
        return jax.lax.map(lambda piece: self.posterior(p, piece)[0], pieces).reshape(len(x), -1)

    def draw(self, p, count, key):
        def piece(key):
            z, binary = jax.random.split(key)
            y = self.decode(p, jax.random.normal(z, (rows, self.problem.latent)))
            return (jax.random.uniform(binary, y.shape) < jax.nn.sigmoid(y)).astype(jnp.uint8)

        rows = min(count, PIECE)
        return jax.lax.map(piece, jax.random.split(key, count // rows)).reshape(count, -1)

    def scores(self, p, x, key, samples):
        mean, log_std = self.posterior(p, x)
        noise = jax.random.normal(key, (samples, *mean.shape))
        z = mean + jnp.exp(log_std) * noise
        y = self.decode(p, z)
        log_px = (x * y - jax.nn.softplus(y)).sum(-1)
        log_ratio = (0.5 * (noise**2 - z**2) + log_std).sum(-1)  # log p(z) - log q(z|x)
        return jnp.log(samples) - jax.nn.logsumexp(log_px + log_ratio, axis=0)

    def next_key(self):
        self.calls += 1
        return self.key(self.calls)

    def loss(self):
        return float(jax.jit(self.terms)(self.parameters, self.problem.first, self.problem.noise))

    def steps(self, count):
        for i in range(count):
            self.state, loss = self.jitted(self.state, self.batches[i % len(self.batches)])
        jax.block_until_ready(self.state)
        return loss

    def epoch(self, pictures):
        self.calls += 1
        self.state, loss = self.jitted_epoch(self.state, pictures, self.calls)
        return float(loss)

    def rows(self, array):
        """What a user keeps rows in."""
        return jnp.array(array)

    def reconstruct(self, x):
        """Means decoded from a draw of each row's code."""
        def decoded(p, key):
            mean, log_std = self.posterior(p, x)
            return self.decode(p, mean + jnp.exp(log_std) * jax.random.normal(key, mean.shape))

        return np.asarray(jax.jit(decoded)(self.state[0], self.next_key()))

    def encode(self, x):
        return np.asarray(self.jitted_encode(self.parameters, x))

    def sample(self, count):
        return np.asarray(self.jitted_sample(self.parameters, count, self.next_key()))

    def score(self, x, samples):
        parts = [self.jitted_score(self.parameters, part, self.next_key(), samples) for part in x]
        return np.concatenate(parts)
