"""The step of bench_step in eager PyTorch, as a good user writes it: fused Adam, logits, no copies.
    pytorch_eager.py D HIDDEN LATENT BATCH LIKELIHOOD THREADS    -> median ms
"""
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

D, H, Z, B = (int(a) for a in sys.argv[1:5])
likelihood, threads = sys.argv[5], int(sys.argv[6])
torch.set_num_threads(threads)
torch.manual_seed(0)


class Vae(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(D, H)
        self.mean, self.log_std = nn.Linear(H, Z), nn.Linear(H, Z)
        self.decoder, self.out = nn.Linear(Z, H), nn.Linear(H, D)
        self.scale = nn.Parameter(torch.full((D,), -1.0))

    def forward(self, x):
        h = F.relu(self.encoder(x))
        mean, log_std = self.mean(h), self.log_std(h)
        std = log_std.exp()
        y = self.out(F.relu(self.decoder(mean + std * torch.randn_like(std))))
        kl = 0.5 * (mean.square() + std.square() - 1).sum() - log_std.sum()
        if likelihood == "bernoulli":
            nll = F.binary_cross_entropy_with_logits(y, x, reduction="sum")
        else:
            nll = (0.5 * ((x - y) * (-self.scale).exp()).square() + self.scale).sum()
        return (nll + kl) / x.shape[0]


model = Vae()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
data = (torch.rand(8 * B, D) < 0.3).float() if likelihood == "bernoulli" else torch.randn(8 * B, D)
times = []
began = time.perf_counter()
for i in range(20000):
    before = time.perf_counter()
    x = data[(i % 8) * B : (i % 8 + 1) * B]
    optimizer.zero_grad(set_to_none=True)
    model(x).backward()
    optimizer.step()
    after = time.perf_counter()
    if i >= 10:
        times.append((after - before) * 1e3)
    if after - began > 3 and i > 30:
        break
times.sort()
print(f"{times[len(times) // 2]:.4f}")
