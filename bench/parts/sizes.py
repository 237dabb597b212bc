"""how the cost of a step grows with the net's width and the batch: GFLOP/s achieved, as a picture

Nets W-W-16 of one width for data and hidden layer, whose inputs the plan does not know to be 0 or 1, all threads.
"""
from harness import failures
from harness.ceiling import flops, profile
from harness.contestants import Ours
from harness.failures import Failed
from harness.picture import line_chart
from harness.tables import digits, table

WIDTHS = [16, 64, 256, 1024, 4096]
BATCHES = [1, 8, 64, 512, 2048, 8192]
MOST_FLOPS = 5e11  # of a step: a few seconds


def work(width, batch):
    """Floating-point operations of a step, about: two layers each way, three products each."""
    return 12.0 * batch * width * width


def measure(context):
    threads = context.threads[-1]
    widths, batches = ([16, 64], [1, 8]) if context.smoke else (WIDTHS, BATCHES)
    lines, rows, data, complete = {}, [], [], True
    for width in widths:
        row, line = [width], []
        for batch in batches:
            if work(width, batch) > MOST_FLOPS:
                row.append("")
                continue
            command = [context.program("bench_step"), width, width, 16, batch, "bernoulli", threads, "--dense"]
            try:
                _, _, products, _ = profile(context, command, threads)
                milliseconds = Ours(command, threads).turn(context.seconds / 2)
            except Failed as failure:
                failures.note(f"width {width}, batch {batch}", failure)
                row.append("failed")
                complete = False
                continue
            rate = flops(products) / milliseconds / 1e6
            row.append(f"{digits(rate)} ({digits(milliseconds, 'ms')})")
            line.append((batch, rate))
            data.append({"width": width, "batch": batch, "milliseconds": milliseconds, "gigaflops_per_second": rate})
        print(f"  width {width}", flush=True)
        rows.append(row)
        lines[f"width {width}"] = line
    if complete:  # else the picture of before stays
        context.out.mkdir(parents=True, exist_ok=True)
        (context.out / "sizes.svg").write_text(line_chart(
            lines, f"GFLOP/s of a training step, {threads} threads", "rows a batch", "GFLOP/s"))
    note = f"Net W-W-16, {threads} threads; GFLOP/s of the step's products (time of the step). Picture: sizes.svg."
    return [table("Achieved GFLOP/s by width and batch", ["width", *(f"B = {b}" for b in batches)], rows, note)], data
