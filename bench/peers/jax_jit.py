"""JAX: the whole step in one jit, its state donated, batches on the device, Adam by hand."""
import jax
import jax.numpy as jnp

from problem import LEARNING_RATE, LOG_2PI


class Peer:
    def __init__(self, problem, threads):  # XLA takes as many threads as the process may use cores
        self.problem = problem
        self.parameters = {k: jnp.array(v) for k, v in problem.parameters.items()}
        self.batches = [jnp.array(b) for b in problem.x.reshape(-1, *problem.first.shape)]
        zeros = {k: jnp.zeros_like(v) for k, v in self.parameters.items()}
        self.state = self.parameters, zeros, {k: jnp.zeros_like(v) for k, v in zeros.items()}, jnp.zeros((), jnp.int32)
        self.jitted = jax.jit(self.advance, donate_argnums=0)

    def terms(self, p, x, noise):
        def dense(name, h):
            return h @ p[name + ".weight"] + p[name + ".bias"]

        def network(name, h):
            for i in range(self.problem.layers):
                h = jax.nn.relu(dense(f"{name}.{i}", h))
            return h

        h = network("encoder", x)
        mean, log_std = dense("posterior.mean", h), dense("posterior.log_std", h)
        std = jnp.exp(log_std)
        y = dense(self.problem.head(), network("decoder", mean + std * noise))
        kl = (0.5 * (mean**2 + std**2 - 1) - log_std).sum()
        if self.problem.likelihood == "bernoulli":
            nll = (jax.nn.softplus(y) - x * y).sum()
        else:
            scale = p["likelihood.log_std"]
            nll = (0.5 * ((x - y) * jnp.exp(-scale)) ** 2 + scale + 0.5 * LOG_2PI).sum()
        return (nll + kl) / x.shape[0]

    def advance(self, state, x):
        p, m, v, t = state
        noise = jax.random.normal(jax.random.fold_in(jax.random.key(0, impl="rbg"), t), (x.shape[0], self.problem.latent))
        loss, g = jax.value_and_grad(self.terms)(p, x, noise)
        t = t + 1
        rate = LEARNING_RATE * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
        v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
        p = jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) + 1e-8), p, m, v)
        return (p, m, v, t), loss

    def loss(self):
        return float(jax.jit(self.terms)(self.parameters, self.problem.first, self.problem.noise))

    def steps(self, count):
        for i in range(count):
            self.state, loss = self.jitted(self.state, self.batches[i % len(self.batches)])
        jax.block_until_ready(self.state)
