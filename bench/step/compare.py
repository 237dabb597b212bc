"""A training step of diabolo beside eager PyTorch: both alternate in one run, medians of rounds.
    python3 bench/step/compare.py BENCH_STEP [ROUNDS]
BENCH_STEP is the program built with -DDIABOLO_BENCH=ON; PyTorch must be importable.
"""
import pathlib
import statistics
import subprocess
import sys

PROGRAM, ROUNDS = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5
PEER = pathlib.Path(__file__).with_name("pytorch_eager.py")
JOBS = [
    ("784", "400", "20", "128", "bernoulli"),
    ("784", "400", "20", "1000", "bernoulli"),
    ("2", "100", "2", "1000", "normal"),
    ("30", "64", "8", "64", "normal"),
]


def measure(command):
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[0])


print("| network, batch | threads | diabolo, ms | PyTorch eager, ms | ratio | spread of ours |")
print("|---|---|---|---|---|---|")
for job in JOBS:
    for threads in ("1", "2"):
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(measure([PROGRAM, *job, threads]))
            theirs.append(measure([sys.executable, str(PEER), *job, threads]))
        a, b = statistics.median(ours), statistics.median(theirs)
        print(
            f"| {'-'.join(job[:3])}, B = {job[3]}, {job[4]} | {threads} | {a:.3f} | {b:.3f} "
            f"| {b / a:.2f} | {min(ours):.3f} to {max(ours):.3f} |",
            flush=True,
        )
