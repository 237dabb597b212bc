"""speed of every matrix product kernel by shape, one core (docs/products.md)"""
import subprocess


def measure(context):
    subprocess.run([context.program("bench_product")], check=True)
    return [], {}
