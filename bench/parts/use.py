"""using a model 784-400-20: encode 60,000 rows, one row at a time, draw, score; from the process that has it

Ours goes through the library's const Model, peers through jit, compile, inference_mode or tf.function. Codes must
agree to 1e-4, mean scores to 1 %, before there is a time. Rows of zeros and ones are bytes on our side, as our users
have them, and the same rows as f32 on the peers', which compute with nothing else; grey rows are f32 on both sides.
"""
from harness.context import STEP_PEERS
from harness.contestants import Ours, output
from harness.rounds import alternate, better
from harness.tables import digits, judged, label, table, time_cell

ROWS, SAMPLED, SCORED = 60000, 10000, 2000  # as in bench/use/main.cpp
ACTIVITIES = [  # what, name, rows of a call, the mark against the best peer, whether rows are grey and not 0 or 1
    ("encode", "encode 60,000 rows", ROWS, 1.3, False),
    ("encode", "encode 60,000 grey rows", ROWS, None, True),
    ("row", "encode one row", 1, 1.3, False),
    ("sample", "draw 10,000 rows", SAMPLED, None, False),
    ("score", "score 2,000 rows, 16 draws each", SCORED, None, False),
]


def measure(context):
    program = [context.program("bench_use")]
    small = ["--rows", 200] if context.smoke else []
    times, ratios, data = [], [], {}
    for activity, name, rows, mark, grey in ACTIVITIES:
        if not context.wants(name):
            continue
        options = [*small, *(["--grey"] if grey else [])]
        folder = context.work / ("use-grey" if grey else "use")
        output([*program, "write", folder, *options])
        by_threads = {}
        for threads in context.threads:
            print(f"  {name}, threads: {threads}", flush=True)
            contestants = [Ours([*program, activity, threads, *options], threads)]
            contestants += context.peers(folder, threads, activity)
            by_threads[threads] = alternate(contestants, context.rounds, context.seconds)
            scale = 1e3 if activity == "row" else 1
            unit = "us" if activity == "row" else "ms"
            times.append([name, threads, unit, *(time_cell(by_threads[threads].get(n), scale)
                                                 for n in ["diabolo", *STEP_PEERS])])
        data[name] = {t: {n: r.as_json() for n, r in results.items()} for t, results in by_threads.items()}
        ours, _ = better(by_threads, "diabolo")
        theirs = {n: better(by_threads, n)[0] for n in STEP_PEERS}
        best = min((value for value in theirs.values() if value), default=None)
        rate = digits(rows / ours * 1e3) if ours else ""
        ratios.append([name, rate, *(judged(theirs[n] and ours and theirs[n] / ours, None) for n in STEP_PEERS),
                       judged(best / ours, mark) if best and ours else ""])
    peers = [label(n) for n in STEP_PEERS]
    peers[-1] = "Keras and tf.function"
    return [
        table("Their time / ours", ["what", "ours, rows/s", *peers, "best peer / ours"], ratios,
              "Medians, each side at its better thread count. Rows are zeros and ones, of one byte each for us and as "
              "f32 for peers; grey rows are f32 for both, so they compare like with like."),
        table("Time of a call", ["what", "threads", "unit", "diabolo", *peers], times,
              "Median (smallest to largest round)."),
    ], data
