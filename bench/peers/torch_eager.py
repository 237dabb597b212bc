"""PyTorch, eager: fused Adam, losses from logits, batches that are views."""
import torch
from torch.nn import functional as F

from problem import LEARNING_RATE, LOG_2PI


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

    def forward(self, x, noise=None):
        h = self.network("encoder", x)
        mean, log_std = self.dense("posterior.mean", h), self.dense("posterior.log_std", h)
        std = log_std.exp()
        noise = torch.randn_like(std) if noise is None else noise
        y = self.dense(self.head, self.network("decoder", mean + std * noise))
        kl = 0.5 * (mean.square() + std.square() - 1).sum() - log_std.sum()
        if self.likelihood == "bernoulli":
            nll = F.binary_cross_entropy_with_logits(y, x, reduction="sum")
        else:
            scale = self.likelihood_log_std
            nll = (0.5 * ((x - y) * (-scale).exp()).square() + scale + 0.5 * LOG_2PI).sum()
        return (nll + kl) / x.shape[0]


class Peer:
    compiled = False

    def __init__(self, problem, threads):
        torch.set_num_threads(threads)
        torch.manual_seed(0)
        self.problem, self.vae = problem, Vae(problem)
        self.model = torch.compile(self.vae) if self.compiled else self.vae
        self.optimizer = torch.optim.Adam(self.vae.parameters(), lr=LEARNING_RATE, fused=True)
        self.batches = torch.from_numpy(problem.x).split(problem.batch)

    def loss(self):
        with torch.no_grad():
            return self.model(self.batches[0], torch.from_numpy(self.problem.noise)).item()

    def steps(self, count):
        for i in range(count):
            self.optimizer.zero_grad(set_to_none=True)
            self.model(self.batches[i % len(self.batches)]).backward()
            self.optimizer.step()
