"""Start-up, peak memory, size, and what a busy neighbour costs.
    python3 bench/step/limits.py DIABOLO BENCH_STEP
DIABOLO is the command, BENCH_STEP the program built with -DDIABOLO_BENCH=ON. Needs the Debian package
dataset-fashion-mnist. A run on a quiet machine; medians.
"""
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

DIABOLO, BENCH_STEP = sys.argv[1:3]
PICTURES = "/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz"
STEP = [BENCH_STEP, "784", "400", "20", "128", "bernoulli", "2"]


def median(measure, times):
    return statistics.median(measure() for _ in range(times))


def step():
    return float(subprocess.run(STEP, check=True, capture_output=True, text=True).stdout.split()[0])


with tempfile.TemporaryDirectory() as folder:
    run = pathlib.Path(folder, "run")
    fit = subprocess.Popen([DIABOLO, "fit", PICTURES, "-o", run, "--hidden", "400", "--latent", "20", "--binarize",
                            "dynamic", "--batch-size", "128", "--epochs", "1", "--quiet"])
    _, _, usage = os.wait4(fit.pid, 0)
    print(f"peak memory of a fit on Fashion-MNIST: {usage.ru_maxrss / 1024:.0f} MiB")

    def info():
        began = time.perf_counter()
        subprocess.run([DIABOLO, "info", run], check=True, stdout=subprocess.DEVNULL)
        return (time.perf_counter() - began) * 1e3

    print(f"diabolo info on that model: {median(info, 30):.1f} ms")
print(f"size of the command: {pathlib.Path(DIABOLO).stat().st_size / 2**20:.1f} MiB")

alone = median(step, 3)
busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
try:
    beside = median(step, 3)
finally:
    busy.kill()
print(f"a step with two threads: {alone:.2f} ms alone, {beside:.2f} ms beside a busy process ({beside / alone:.2f} times)")
