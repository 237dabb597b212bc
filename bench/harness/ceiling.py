"""The share of the machine's speed that a training step reaches.

share = (products at the ceiling + optimiser at memory bandwidth + pointwise as measured) / step

The products are those of the step's own plan, for the whole batch; bench_ceiling measures each at the best
way to use the threads. Pointwise work is what the plan's other steps took (bench_step --profile).
"""
import json
import re

from harness.contestants import last_line, output
from harness.failures import Failed

LINE = re.compile(r"^\s*\d+\s+\S+\s+\S+\s+(?P<us>\S+)\s+\S+\s+\S+\s+\S+\s+(?P<what>.*)$")
PRODUCT = re.compile(r"product (\d+)x(\d+)x(\d+)( A\^T)?( B\^T)?")


def profile(context, command, threads):
    """(parameters, shards, [[m, n, k, a, b] of the whole batch], pointwise ms) of a step."""
    text = output([*command, "--profile", "--seconds", context.seconds], threads)
    sizes = re.search(r"parameters (\d+), shards (\d+)", text)
    if not sizes:
        raise Failed(f"expected the profile of a step, got: {last_line(text)}")
    parameters, shards = map(int, sizes.groups())
    products, microseconds = [], 0.0
    for line in filter(None, map(LINE.match, text.splitlines())):
        product = PRODUCT.match(line["what"])
        if not product:
            microseconds += float(line["us"])
            continue
        m, n, k = (int(size) for size in product.groups()[:3])
        m, k = (m, k * shards) if product[4] else (m * shards, k)  # where the batch is
        products.append((m, n, k, bool(product[4]), bool(product[5])))
    return parameters, shards, products, microseconds * shards / min(threads, shards) / 1e3


def flops(products):
    return sum(2.0 * m * n * k for m, n, k, *_ in products)


def name_of(product):
    m, n, k, a, b = product
    return f"{m}x{n}x{k}{'ta' if a else ''}{'tb' if b else ''}"


def ceiling(context, command, threads):
    """Milliseconds of a step's parts at their best ("products", "optimiser", "pointwise"), and details."""
    parameters, shards, products, pointwise = profile(context, command, threads)
    names = [name_of(p) for p in products]
    text = output([context.program("bench_ceiling"), threads, "--parameters", parameters, "--shards", shards,
                   "--rounds", 1 if context.smoke else 9, *sorted(set(names))], threads)
    try:
        said = json.loads(text)
    except ValueError:
        raise Failed(f"expected JSON, got: {last_line(text)}") from None
    best = {}
    for one in said["products"]:
        best[one["product"]] = min(value for way, value in one.items() if way != "product")
    products_ms = sum(best[name] for name in names)
    return {"products": products_ms, "optimiser": said["optimiser_ms"], "pointwise": pointwise,
            "gigaflops": flops(products) / products_ms / 1e6, "step_flops": flops(products), "details": said}
