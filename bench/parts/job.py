"""an article's whole job as a process: start, 1000 points of a plane learned, decoded again, written, end

Net 2-100-2 with relu, 100 steps on all rows, a draw of each row's code decoded. Final losses differ by
what the random weights of the start make of so few steps (3.0 to 4.2 over seeds), so they are checked loosely;
that a step computes the same on both sides is checked exactly by `./run bench step`.
"""
import random
import struct

from harness.context import STEP_PEERS
from harness.contestants import PEERS, WholeProcess
from harness.rounds import alternate, better
from harness.tables import digits, judged, label, table, time_cell

PEER_NAMES = ["tensorflow_eager", *STEP_PEERS]
MARKS = {"tensorflow_eager": 100}
PEAK_MARK_MIB = 30
LOSS_TOLERANCE = 0.5


def write_points(path, rows=1000):
    """An .npy file of standard normal points, [rows, 2] f32."""
    generator = random.Random(1)
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, 2), }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    values = struct.pack(f"<{2 * rows}f", *(generator.gauss(0, 1) for _ in range(2 * rows)))
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + values)


def command_line(context, data, out, threads):
    """The same by three processes of the command, in a shell."""
    diabolo, run, codes = context.program("diabolo"), context.work / "job-run", context.work / "codes.npy"
    fit = (f"{diabolo} fit {data} -o {run} --overwrite --quiet --hidden 100 --latent 2 --scale none --batch-size 1000 "
           f"--epochs 100 --beta-warmup 0 --valid 0 --threads {threads}")
    return ["sh", "-c", f"{fit} && {diabolo} encode {run} {data} --draws 1 -o {codes} --threads {threads} --quiet "
            f"&& {diabolo} decode {run} {codes} -o {out} --threads {threads} --quiet"]


def check_losses(contestants, results):
    """A peer whose final loss is far from ours did something else."""
    ours = contestants[0].said.get("loss")
    for one in contestants[1:]:
        loss = one.said.get("loss")
        if ours and loss and abs(loss - ours) > LOSS_TOLERANCE * abs(ours):
            results[one.name].fail(one, f"expected a final loss near {ours}, got {loss}")


def measure(context):
    data, out = context.work / "points.npy", context.work / "decoded.npy"
    write_points(data)
    by_threads, contestants_of = {}, {}
    for threads in context.threads:
        print(f"  threads: {threads}", flush=True)
        contestants = [WholeProcess("diabolo", [context.program("bench_job"), data, out, threads], threads),
                       WholeProcess("diabolo command", command_line(context, data, out, threads), threads)]
        if context.python:
            environment = context.peer_environment()
            environment.pop("TORCHINDUCTOR_CACHE_DIR")  # what is compiled in the job is part of it
            contestants += [WholeProcess(name, [context.python, PEERS / "job.py", name, data, out, str(threads)],
                                         threads, environment, ours=False) for name in PEER_NAMES]
        by_threads[threads] = alternate(contestants, context.rounds, 0)
        check_losses(contestants, by_threads[threads])
        contestants_of[threads] = {one.name: one for one in contestants}
    ours, _ = better(by_threads, "diabolo")
    rows, data = [], {}
    for name in contestants_of[context.threads[0]]:
        best, threads = better(by_threads, name)
        if not threads:
            rows.append([label(name), "failed"] + [""] * 6)
            continue
        one = contestants_of[threads][name]
        inside = one.said.get("after_imports")
        peak = judged_peak(one.peak) if name == "diabolo" else digits(one.peak)
        ratio = judged(ours and best / ours, MARKS.get(name), "{:.0f}") if name in PEER_NAMES else ""
        rows.append([label(name), threads, time_cell(by_threads[threads][name]), ratio,
                     digits(inside and inside * 1e3), digits(inside * 1e3 / ours) if inside and ours else "",
                     peak, f"{one.said['loss']:.2f}" if "loss" in one.said else ""])
        data[name] = {t: r[name].as_json() for t, r in by_threads.items()} | {
            "peak_mib": one.peak, "after_imports_ms": inside and inside * 1e3}
    columns = ["who", "threads (the better)", "whole process, ms", "theirs / ours", "after its imports, ms",
               "that / our whole process", "peak memory, MiB", "last loss"]
    return [table("The article's job", columns, rows,
                  "diabolo is one C++ process, diabolo command the verbs fit, encode and decode from a shell.")], data


def judged_peak(peak):
    text = f"{digits(peak)} (asked under {PEAK_MARK_MIB})"
    return text if peak < PEAK_MARK_MIB else f"**{text}**"
