"""errors and speed of the elementary functions (docs/elementary-functions.md)"""
from harness.contestants import show


def measure(context):
    for name in ("bench_math_ulp", "bench_math_speed"):
        if context.program(name).exists():  # bench_math_ulp needs MPFR, bench_math_speed x86
            show([context.program(name)])
    return [], {}
