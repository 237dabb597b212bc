"""speed of every matrix product kernel by shape, one core (docs/products.md)"""
from harness.contestants import show


def measure(context):
    show([context.program("bench_product")])
    return [], {}
