"""What every part gets: where things are, how long to measure, and who takes part."""
import dataclasses
import os
import pathlib

from harness.contestants import Peer
from harness.processes import cores

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
STEP_PEERS = ["jax_jit", "torch_compile", "torch_eager", "keras_fit"]
PICTURES = pathlib.Path("/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz")


@dataclasses.dataclass
class Context:
    programs: pathlib.Path  # the folder of bench_* and diabolo
    out: pathlib.Path  # for results
    work: pathlib.Path  # for what is thrown away
    python: pathlib.Path | None  # the peers' environment
    rounds: int = 5
    seconds: float = 0.7  # of a turn
    smoke: bool = False  # ours alone, tiny: does it still run?
    only: str = ""  # a workload
    chosen: bool = False  # one was found

    @property
    def threads(self):
        """The thread counts to measure: one and all."""
        return sorted({1, len(cores())})

    def program(self, name):
        return self.programs / name

    def wants(self, workload):
        wanted = not self.only or self.only in workload
        self.chosen |= wanted
        return wanted

    def peers(self, folder, threads, activity, names=STEP_PEERS):
        if not self.python:
            return []
        return [Peer(self, name, folder, threads, activity) for name in names]

    def peer_environment(self):
        """No chatter, and compiled code kept where `./run clean` finds it."""
        return os.environ | {
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "KERAS_BACKEND": "tensorflow",
            "JAX_PLATFORMS": "cpu",
            "CUDA_VISIBLE_DEVICES": "",
            "TORCHINDUCTOR_CACHE_DIR": str(self.out / "torch-inductor"),
        }
