"""An article's whole job by a peer: what bench/job/main.cpp does, in one process.

    python job.py PEER DATA.npy OUT.npy THREADS    -> {"loss": ..., "after_imports": seconds}

1000 points of a plane, net 2-100-2 with relu, 100 steps of Adam on all rows; a code of each row is drawn
from its posterior, decoded, and written. Weights start as Glorot and Bengio (2010) have it.
"""
import importlib
import json
import sys
import time

import numpy as np

from problem import FreshProblem


def main():
    name, data, out, threads = sys.argv[1:]
    module = importlib.import_module(name)
    began = time.perf_counter()
    problem = FreshProblem(np.load(data), hidden=100, latent=2)
    peer = module.Peer(problem, int(threads))
    loss = getattr(peer, "epochs", peer.steps)(100)  # all rows are one batch: a step is an epoch
    np.save(out, peer.reconstruct(problem.x))
    print(json.dumps({"loss": float(loss), "after_imports": time.perf_counter() - began}))


main()
