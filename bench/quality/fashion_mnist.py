"""What diabolo learns of Fashion-MNIST: bound, KL, reconstruction, and how well codes keep the classes.
    python3 bench/quality/fashion_mnist.py DIABOLO [--epochs N] [--seeds N] [--only NAME,...] [--out FOLDER]
DIABOLO is the command. Needs numpy and the Debian package dataset-fashion-mnist. 60,000 training
pictures, 10,000 test pictures; 20 latents, one hidden layer of 400, batches of 128.

Classes: 5-nearest-neighbour accuracy on the test codes among the training codes, beside principal
components of the same number. mse is on grey values from 0 to 255.
"""
import argparse
import gzip
import json
import pathlib
import subprocess
import sys

import numpy as np

PICTURES = pathlib.Path("/usr/share/datasets/fashion-mnist")
SHAPE = ["--hidden", "400", "--latent", "20", "--batch-size", "128", "--patience", "0", "--valid", "0"]
BINARY = ["--binarize", "dynamic"]
JOBS = {
    "vae": BINARY,
    "constrained-vae --kl-limit 10": BINARY,
    "constrained-vae --kl-limit 1000": BINARY,
    "beta-vae --beta 4": BINARY,
    "ae": BINARY,
    "vae, grey": [],
    "ae, grey": [],
}


def labels(name):
    return np.frombuffer(gzip.open(PICTURES / name).read(), np.uint8, offset=8)


def pixels(name):
    data = np.frombuffer(gzip.open(PICTURES / name).read(), np.uint8, offset=16)
    return data.reshape(-1, 784).astype(np.float32)


def accuracy(train, train_labels, test, test_labels, k=5):
    """Share of test rows whose k nearest training rows vote for their class (ties: the smaller)."""
    right = 0
    squares = (train**2).sum(1)
    for begin in range(0, len(test), 500):
        part = test[begin : begin + 500]
        distance = squares - 2 * part @ train.T
        nearest = np.argpartition(distance, k, axis=1)[:, :k]
        votes = np.apply_along_axis(np.bincount, 1, train_labels[nearest], minlength=10)
        right += (votes.argmax(1) == test_labels[begin : begin + 500]).sum()
    return right / len(test)


def run(*command):
    return subprocess.run([str(c) for c in command], check=True, stdout=subprocess.PIPE, text=True).stdout


def principal_components(train, test, count):
    mean = train.mean(0)
    _, vectors = np.linalg.eigh(np.cov((train - mean).T))
    basis = vectors[:, -count:].astype(np.float32)
    codes = (test - mean) @ basis
    mse = ((codes @ basis.T + mean - test) ** 2).mean()
    return (train - mean) @ basis, codes, mse


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("diabolo")
    parser.add_argument("--epochs", default="20")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--out", default="runs/quality")
    options = parser.parse_args()
    out = pathlib.Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    train_file, test_file = (PICTURES / f"{n}-images-idx3-ubyte.gz" for n in ("train", "t10k"))
    train_labels, test_labels = (labels(f"{n}-labels-idx1-ubyte.gz") for n in ("train", "t10k"))

    print("| model | seed | train KL | test elbo | log_px | KL | mse | active | 5-NN accuracy |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, more in JOBS.items():
        if options.only and name not in options.only.split(","):
            continue
        model = name.split(",")[0].split()
        for seed in range(options.seeds):
            folder = out / f"{name.replace(' ', '_')}-{seed}"
            run(options.diabolo, "fit", train_file, "-o", folder, "--overwrite", "--quiet", "--model",
                *model, *SHAPE, *more, "--epochs", options.epochs, "--seed", seed)
            e = json.loads(run(options.diabolo, "evaluate", folder, test_file, "--json"))
            last = (folder / "metrics.csv").read_text().strip().split("\n")
            train_kl = dict(zip(last[0].split(","), last[-1].split(",")))["kl"]
            for part, file in (("train", train_file), ("test", test_file)):
                run(options.diabolo, "encode", folder, file, "-o", folder / f"{part}.npy", "--quiet")
            codes = [np.load(folder / f"{part}.npy") for part in ("train", "test")]
            share = accuracy(codes[0], train_labels, codes[1], test_labels)
            show = lambda x: "" if x is None or x == "" else f"{float(x):.2f}"
            print(f"| {name} | {seed} | {show(train_kl)} | {show(e['elbo'])} | {show(e['log_px'])} "
                  f"| {show(e['kl'])} | {show(e['mse'])} | {e['active_units']} | {share:.4f} |", flush=True)

    train, test = pixels(train_file.name), pixels(test_file.name)
    train_codes, test_codes, mse = principal_components(train, test, 20)
    share = accuracy(train_codes, train_labels, test_codes, test_labels)
    print(f"| 20 principal components | | | | | | {mse:.2f} | | {share:.4f} |")


if __name__ == "__main__":
    sys.exit(main())
