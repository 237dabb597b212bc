"""PyTorch, eager: fused Adam, losses from logits, batches that are views, inference_mode."""
import math

import torch
from torch.nn import functional as F

from problem import LEARNING_RATE, LOG_2PI

PIECE = 1000  # rows of a batch when there are many


class Vae(torch.nn.Module):
    def __init__(self, problem):
        super().__init__()
        self.likelihood, self.layers, self.head = problem.likelihood, problem.layers, problem.head()
        for name, value in problem.parameters.items():  # torch keeps weights as [out, in]
            value = torch.from_numpy(value.T.copy() if name.endswith(".weight") else value.copy())
            self.register_parameter(name.replace(".", "_"), torch.nn.Parameter(value))

    def dense(self, name, h):
        name = name.replace(".", "_")
        return F.linear(h, getattr(self, name + "_weight"), getattr(self, name + "_bias"))

    def network(self, name, h):
        for i in range(self.layers):
            h = F.relu(self.dense(f"{name}.{i}", h))
        return h

    def posterior(self, x):
        h = self.network("encoder", x)
        return self.dense("posterior.mean", h), self.dense("posterior.log_std", h)

    def encode(self, x):
        return self.dense("posterior.mean", self.network("encoder", x))

    def decode(self, z):
        return self.dense(self.head, self.network("decoder", z))

    def forward(self, x, noise=None):
        mean, log_std = self.posterior(x)
        std = log_std.exp()
        noise = torch.randn_like(std) if noise is None else noise
        y = self.decode(mean + std * noise)
        kl = 0.5 * (mean.square() + std.square() - 1).sum() - log_std.sum()
        if self.likelihood == "bernoulli":
            nll = F.binary_cross_entropy_with_logits(y, x, reduction="sum")
        else:
            scale = self.likelihood_log_std
            nll = (0.5 * ((x - y) * (-scale).exp()).square() + scale + 0.5 * LOG_2PI).sum()
        return (nll + kl) / x.shape[0]

    def sample(self, noise):
        return torch.bernoulli(self.decode(noise).sigmoid()).to(torch.uint8)

    def score(self, x, samples):
        mean, log_std = self.posterior(x)
        noise = torch.randn(samples, *mean.shape)
        z = mean + log_std.exp() * noise
        y = self.decode(z)
        log_px = (x * y - F.softplus(y)).sum(-1)
        log_ratio = (0.5 * (noise.square() - z.square()) + log_std).sum(-1)  # log p(z) - log q(z|x)
        return math.log(samples) - torch.logsumexp(log_px + log_ratio, 0)


class Peer:
    compiled = False

    def __init__(self, problem, threads):
        torch.set_num_threads(threads)
        torch.manual_seed(0)
        self.problem, self.vae = problem, Vae(problem)
        wrap = torch.compile if self.compiled else lambda f: f
        self.model = wrap(self.vae)
        self.encoder, self.sampler, self.scorer = wrap(self.vae.encode), wrap(self.vae.sample), wrap(self.vae.score)
        self.optimizer = torch.optim.Adam(self.vae.parameters(), lr=LEARNING_RATE, fused=True)
        self.batches = torch.from_numpy(problem.x).split(problem.batch)

    def loss(self):
        with torch.no_grad():
            return self.model(self.batches[0], torch.from_numpy(self.problem.noise)).item()

    def step(self, x):
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.model(x)
        loss.backward()
        self.optimizer.step()
        return loss.detach()

    def steps(self, count):
        for i in range(count):
            loss = self.step(self.batches[i % len(self.batches)])
        return loss

    def epoch(self, pictures):
        rows = torch.randperm(len(pictures))
        if self.compiled:  # whole batches, so that one compiled step serves
            rows = rows[: len(rows) // self.problem.batch * self.problem.batch]
        total = torch.zeros(())
        for indices in rows.split(self.problem.batch):
            x = torch.bernoulli(pictures[indices].float().div_(255))
            total += self.step(x) * len(x)
        return total.item() / len(rows)

    def rows(self, array):
        return torch.from_numpy(array)

    @torch.inference_mode()
    def reconstruct(self, x):
        """Means decoded from a draw of each row's code."""
        mean, log_std = self.vae.posterior(torch.from_numpy(x))
        return self.vae.decode(mean + log_std.exp() * torch.randn_like(mean)).numpy()

    @torch.inference_mode()
    def encode(self, x):
        if len(x) == 1:
            return self.encoder(x).numpy()
        return torch.cat([self.encoder(piece) for piece in x.split(PIECE)]).numpy()

    @torch.inference_mode()
    def sample(self, count):
        pieces = torch.randn(count, self.problem.latent).split(PIECE)
        return torch.cat([self.sampler(piece) for piece in pieces]).numpy()

    @torch.inference_mode()
    def score(self, x, samples):
        return torch.cat([self.scorer(part, samples) for part in x]).numpy()
