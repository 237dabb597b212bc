"""a training step beside every peer, and the share of the machine's speed that it reaches

Both sides start from the same weights and must find the same loss for the same noise, else a peer gets no time.
"""
import dataclasses

from harness import failures
from harness.ceiling import ceiling
from harness.contestants import Ours, output
from harness.context import STEP_PEERS
from harness.failures import Failed
from harness.machine import has_bf16
from harness.rounds import alternate, better
from harness.tables import digits, judged, label, table, time_cell

SCALING_MARK, SCALED_FROM_MS, BF16_MARK = 1.7, 1.0, 1.7
VARIANTS = {"dense": ["--dense"], "bf16": ["--precision", "bf16"]}


@dataclasses.dataclass(frozen=True)
class Workload:
    name: str
    arguments: tuple  # of bench_step: D, hidden, latent, batch, likelihood
    marks: tuple = (None,) * 4  # theirs / ours that is asked, in the order of STEP_PEERS
    peers: bool = True
    share_mark: float | None = None
    variants: tuple = ()
    bf16_mark: float | None = None


WORKLOADS = [
    Workload("784-400-20, B = 128", (784, 400, 20, 128, "bernoulli"), (1.25, 1.7, 2.2, 3), variants=("dense", "bf16")),
    Workload("784-400-20, B = 1000", (784, 400, 20, 1000, "bernoulli"), (1.2, 1.1, 1.6, 2.0), share_mark=90,
             variants=("dense", "bf16")),
    Workload("2-100-2, B = 1000", (2, 100, 2, 1000, "normal"), (6, 12, 12, 25)),
    Workload("30-64-8, B = 64", (30, 64, 8, 64, "normal"), (4, 15, 15, 40)),
    Workload("784-2048-2048-64, B = 512", (784, "2048,2048", 64, 512, "bernoulli"), peers=False, share_mark=90,
             variants=("dense", "bf16"), bf16_mark=BF16_MARK),
]


def command(context, workload, threads):
    return [context.program("bench_step"), *workload.arguments, threads]


def usable_variants(context):
    """Those that processor and program have; says which not. A refusal is no failure, anything else is."""
    usable = dict(VARIANTS)
    if not has_bf16():
        usable.pop("bf16")
        print("  bf16: skipped, the processor has no instructions for it")
    else:
        try:
            tiny = [context.program("bench_step"), 30, 64, 8, 64, "normal", 1, "--seconds", 0.01]
            output([*tiny, *VARIANTS["bf16"]])
        except Failed as failure:
            usable.pop("bf16")
            if "use --precision f32" in str(failure):
                print(f"  bf16: skipped; {failure}")
            else:
                failures.note("bf16", failure)
    return usable


def measure_workload(context, workload, threads, variants):
    print(f"  {workload.name}, threads: {threads}", flush=True)
    ours = command(context, workload, threads)
    folder = context.work / "problem"
    output([*ours, "--loss", folder])
    contestants = [Ours(ours, threads)]
    contestants += [Ours([*ours, *flags], threads, name) for name, flags in variants.items()
                    if name in workload.variants]
    if workload.peers:
        contestants += context.peers(folder, threads, "steps")
    return alternate(contestants, context.rounds, context.seconds)


def share(context, workload, threads, results, variants):
    """(row of the table, data); the dense step, so that both sides do the same products."""
    flags = VARIANTS["dense"] if "dense" in workload.variants else []
    try:
        best = ceiling(context, [*command(context, workload, threads), *flags], threads)
    except Failed as failure:
        failures.note("ceiling", failure)
        return [workload.name, threads, "failed", "", "", "", ""], {"failed": str(failure)}
    step = results["dense" if flags else "diabolo"].median
    parts = [best["products"], best["optimiser"], best["pointwise"]]
    percent = step and 100 * sum(parts) / step
    mark = workload.share_mark if threads == context.threads[-1] else None
    row = [workload.name, threads, digits(step), *(digits(part) for part in parts), judged(percent, mark, "{:.0f} %")]
    return row, best | {"step": step, "share_percent": percent}


def ratio_row(workload, by_threads):
    ours, _ = better(by_threads, "diabolo")
    row = [workload.name]
    for name, mark in zip(STEP_PEERS, workload.marks):
        theirs, _ = better(by_threads, name)
        row.append(judged(theirs / ours if theirs and ours else None, mark))
    return row


def own_row(context, workload, by_threads):
    one, most = (by_threads[t]["diabolo"].median for t in (context.threads[0], context.threads[-1]))
    scaling = one / most if one and most and len(context.threads) > 1 else None
    mark = SCALING_MARK if one and one > SCALED_FROM_MS and len(context.threads) > 1 else None
    last = by_threads[context.threads[-1]]
    bf16 = last["bf16"].median if "bf16" in last else None
    fastest = min((r.median for r in (last["diabolo"], last.get("dense", last["diabolo"])) if r.median), default=None)
    return [workload.name, digits(one), digits(most), judged(scaling, mark),
            time_cell(last.get("dense")), time_cell(last.get("bf16")),
            judged(fastest / bf16 if fastest and bf16 else None, workload.bf16_mark if bf16 else None)]


def measure(context):
    variants = usable_variants(context)
    ratios, times, own, shares, data = [], [], [], [], {}
    for workload in WORKLOADS:
        if not context.wants(workload.name) or context.smoke and workload.arguments[3] > 128:
            continue
        by_threads = {t: measure_workload(context, workload, t, variants) for t in context.threads}
        data[workload.name] = {t: {n: r.as_json() for n, r in by_threads[t].items()} for t in by_threads}
        for t, results in by_threads.items():
            times.append([workload.name, t, *(time_cell(results.get(n)) for n in ["diabolo", *STEP_PEERS])])
            row, data[workload.name][t]["ceiling"] = share(context, workload, t, results, variants)
            shares.append(row)
        if workload.peers and context.python:
            ratios.append(ratio_row(workload, by_threads))
        own.append(own_row(context, workload, by_threads))
    peers = [label(name) for name in STEP_PEERS]
    tables = [table("Their step / ours", ["net, batch", *peers], ratios,
                    "Medians, each side at its better thread count.")] if ratios else []
    tables += [
        table("A step, ms", ["net, batch", "threads", "diabolo", *peers], times, "Median (smallest to largest round)."),
        table("Our step alone, ms",
              ["net, batch", "1 thread", f"{context.threads[-1]} threads", "1 thread / all",
               "inputs not known to be 0 or 1", "bf16", "f32 / bf16"], own),
        table("Share of the machine's speed",
              ["net, batch", "threads", "step, ms", "products", "optimiser", "pointwise", "share"], shares,
              "What the step's parts take at best, in ms, and their sum as a share of the step. The step of the "
              "784-wide nets is the one whose inputs are not known to be 0 or 1."),
    ]
    return tables, data
