"""Makes vae.safetensors: losses, gradients and ten Adam steps of small models, by PyTorch on a CPU.

    python tests/golden/make_golden.py      (torch, numpy, safetensors; any recent versions)

tests/train/golden_test.cpp compares with it. For each case:
    x [B, D], noise [B, Z], noise_k [K, B, Z], begin.NAME     f32: what both sides are given
    loss, log_px [B], kl [B], log_w [K, B], gradient.NAME     f64: computed in double
    after.NAME                                                f32: after ten Adam steps in float
The models are written here again from their formulae, with nothing taken from the engine. Names of
parameters are the engine's; weights are [in, out].
"""

from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file

B, D, Z, K = 6, 7, 3, 4
HIDDEN = [5, 4]
LOG_2PI = 1.8378770664093453
STEPS, RATE = 10, 1e-3

CASES = {  # likelihood, activation, weight of the KL (None: no bound), data units
    "vae-bernoulli": ("bernoulli", torch.relu, 1.0, False),
    "vae-normal": ("normal", torch.tanh, 1.0, True),
    "beta-vae": ("normal", torch.relu, 4.0, False),
    "constrained-vae": ("bernoulli", torch.tanh, 2.5, False),
    "ae": ("normal", torch.relu, None, False),
}
SHIFT = np.arange(D) - 2.0  # data = shift + scale * network, where a case has units
SCALE = 0.5 + 0.25 * np.arange(D)


def begin(likelihood, cut, rng):
    def dense(name, rows, columns):
        yield name + ".weight", rng.normal(0, rows**-0.5, (rows, columns))
        yield name + ".bias", rng.normal(0, 0.3, columns)

    widths = [D, *HIDDEN]
    for i in range(len(HIDDEN)):
        yield from dense(f"encoder.{i}", widths[i], widths[i + 1])
    for head in ("mean", "log_std"):
        yield from dense(f"posterior.{head}", HIDDEN[-1], Z)
    widths = [Z, *HIDDEN[::-1]]
    for i in range(len(HIDDEN)):
        yield from dense(f"decoder.{i}", widths[i], widths[i + 1])
    if likelihood == "bernoulli":
        yield from dense("likelihood.logits", HIDDEN[0], D)
    else:
        yield from dense("likelihood.mean", HIDDEN[0], D)
        # The last lies beyond the bounds of -6 and 6: it is cut, and its gradient is zero.
        yield "likelihood.log_std", np.append(rng.normal(-0.5, 0.3, D - 1), cut)


def normal_log_prob(x, mean, log_std):
    return -0.5 * ((x - mean) / log_std.exp()) ** 2 - log_std - 0.5 * LOG_2PI


def terms(case, p, x, noise):
    likelihood, activation, weight, units = case

    def net(name, h):
        for i in range(len(HIDDEN)):
            h = activation(h @ p[f"{name}.{i}.weight"] + p[f"{name}.{i}.bias"])
        return h

    def head(name, h):
        return h @ p[name + ".weight"] + p[name + ".bias"]

    if units:
        x = (x - torch.tensor(SHIFT, dtype=x.dtype)) / torch.tensor(SCALE, dtype=x.dtype)
    h = net("encoder", x)
    mean = head("posterior.mean", h)
    z = mean
    if weight is not None:
        log_std = head("posterior.log_std", h).clamp(-9, 6)
        z = mean + log_std.exp() * noise
    h = net("decoder", z)
    if likelihood == "bernoulli":
        logits = head("likelihood.logits", h)
        log_px = -torch.nn.functional.binary_cross_entropy_with_logits(
            logits, x.expand_as(logits), reduction="none"
        ).sum(-1)
    else:
        scale = p["likelihood.log_std"].clamp(-6, 6)
        log_px = normal_log_prob(x, head("likelihood.mean", h), scale).sum(-1)
    if units:
        log_px = log_px - float(np.log(SCALE).sum())
    if weight is None:
        return -log_px, log_px, None, None
    kl = (0.5 * (mean**2 + (2 * log_std).exp() - 1) - log_std).sum(-1)
    log_w = (
        log_px
        + normal_log_prob(z, torch.zeros_like(z), torch.zeros_like(z)).sum(-1)
        - normal_log_prob(z, mean, log_std).sum(-1)
    )
    return weight * kl - log_px, log_px, kl, log_w


def make(name, case, out):
    rng = np.random.default_rng([3, *name.encode()])
    start = {k: v.astype("f4") for k, v in begin(case[0], 7 if case[2] is None else -7, rng)}
    if case[2] is None:
        start = {k: v for k, v in start.items() if not k.startswith("posterior.log_std")}
    x = rng.uniform(0, 1, (B, D)) if case[0] == "bernoulli" else rng.normal(0, 1, (B, D))
    if case[3]:
        x = SHIFT + SCALE * x
    given = {
        "x": x.astype("f4"),
        "noise": rng.normal(size=(B, Z)).astype("f4"),
        "noise_k": rng.normal(size=(K, B, Z)).astype("f4"),
    }
    result = dict(given)

    p = {k: torch.tensor(v, dtype=torch.float64, requires_grad=True) for k, v in start.items()}
    x, noise, noise_k = (torch.tensor(v, dtype=torch.float64) for v in given.values())
    loss, log_px, kl, _ = terms(case, p, x, noise)
    loss.mean().backward()
    result["loss"] = loss.mean().detach().numpy()
    result["log_px"] = log_px.detach().numpy()
    if kl is not None:
        result["kl"] = kl.detach().numpy()
        result["log_w"] = terms(case, p, x, noise_k)[3].detach().numpy()
    for k, v in p.items():
        result["begin." + k] = start[k]
        result["gradient." + k] = v.grad.numpy()

    p = {k: torch.tensor(v, requires_grad=True) for k, v in start.items()}
    x, noise = torch.tensor(given["x"]), torch.tensor(given["noise"])
    adam = torch.optim.Adam(p.values(), lr=RATE)
    for _ in range(STEPS):
        adam.zero_grad()
        terms(case, p, x, noise)[0].mean().backward()
        adam.step()
    for k, v in p.items():
        result["after." + k] = v.detach().numpy()
    for k, v in result.items():
        out[f"{name}/{k}"] = np.ascontiguousarray(v)


torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)
arrays = {}
for name, case in CASES.items():
    make(name, case, arrays)
save_file(arrays, Path(__file__).parent / "vae.safetensors")
