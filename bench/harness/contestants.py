"""Those who take turns in a measurement: our programs, and peers that live in a process of their own.

A contestant starts (imports, compiles, checks that it computes what we do), then says the milliseconds
of something each time it is asked. With one thread its process is bound to one core, since XLA has no
other setting. Whatever goes wrong is a Failed with a line that says why.
"""
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from harness import processes
from harness.failures import Failed

PEERS = pathlib.Path(__file__).resolve().parent.parent / "peers"
LAUNCH = pathlib.Path(__file__).with_name("launch.py")
GRACE = 10  # seconds that a peer has to end


def last_line(text):
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("Run with --help")]
    return lines[-1][:300] if lines else "it said nothing"


def output(command, threads=None):
    """The stdout of a program of ours."""
    code, out, err = processes.run(command, threads, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if code:
        raise Failed(f"{pathlib.Path(command[0]).name}: {last_line(err or out)}")
    return out


def show(command):
    """Runs a program of ours that prints its own table and takes its time."""
    code, _, err = processes.run(command, patience=None, stderr=subprocess.PIPE)
    if code:
        raise Failed(f"{pathlib.Path(command[0]).name}: {last_line(err)}")


class Contestant:
    ours = True

    def begin(self):
        """Lets it begin, so that several compile at once."""

    def start(self):
        """Waits until it is ready."""

    def stop(self):
        """It takes no more turns."""


class Ours(Contestant):
    """A program of ours that takes --seconds and prints milliseconds first; a process a turn."""

    def __init__(self, command, threads, name="diabolo"):
        self.command, self.threads, self.name = command, threads, name

    def turn(self, seconds):
        text = output([*self.command, "--seconds", seconds], self.threads)
        try:
            return float(text.split()[0])
        except (IndexError, ValueError):
            raise Failed(f"expected milliseconds, got: {last_line(text)}") from None


class Peer(Contestant):
    """An activity of a module of bench/peers, in one process for all turns."""

    ours = False

    def __init__(self, context, module, folder, threads, activity):
        self.name, self.threads, self.process = module, threads, None
        self.command = [context.python, PEERS / "run.py", module, folder, threads, activity]
        self.environment = context.peer_environment()
        self.log = tempfile.TemporaryFile("w+")

    def begin(self):
        self.process = processes.start(self.command, self.threads, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=self.log, env=self.environment)

    def start(self):
        self.first_loss = self.hear().get("first_loss")

    def turn(self, seconds):
        try:
            print(seconds, file=self.process.stdin, flush=True)
        except OSError:
            pass  # it died: hear() says of what
        return self.hear()["milliseconds"]

    def hear(self):
        """The next line that it says in JSON."""
        began = time.monotonic()
        too_long = threading.Timer(processes.PATIENCE, processes.kill, [self.process])
        too_long.start()
        try:
            line = next((line for line in self.process.stdout if line.startswith("{")), None)
        finally:
            too_long.cancel()
        if line is None:
            self.stop()
            if time.monotonic() - began >= processes.PATIENCE:
                raise Failed(f"expected an answer within {processes.PATIENCE} s")
            self.log.seek(0)
            raise Failed(last_line(self.log.read()))
        said = json.loads(line)
        if "failed" in said:
            raise Failed(said["failed"])
        return said

    def stop(self):
        """A peer ends when nobody can tell it anything more."""
        if self.process:
            try:
                self.process.stdin.close()
            except OSError:
                pass  # it has ended
            processes.end(self.process, GRACE)
            self.process = None


class WholeProcess(Contestant):
    """A process from start to end, one a turn. Keeps the peak memory of each, and the last JSON that it printed."""

    def __init__(self, name, command, threads, environment=None, ours=True):
        self.name, self.command, self.threads, self.environment, self.ours = name, command, threads, environment, ours
        self.peaks, self.said = [], {}

    def start(self):
        self.turn(0)  # files come into the page cache
        self.peaks.clear()

    def turn(self, seconds):
        with tempfile.NamedTemporaryFile("r") as log:
            launch = [sys.executable, "-I", "-S", LAUNCH, log.name, *self.command]
            code, out, err = processes.run(launch, self.threads, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                           env=self.environment)
            text = log.read()
        if code:
            raise Failed(last_line(err))
        measured = json.loads(out)
        if measured["code"]:
            raise Failed(last_line(text))
        for line in text.splitlines():
            if line.startswith("{"):
                self.said = json.loads(line)
        self.peaks.append(measured["peak_mib"])
        return measured["milliseconds"]

    @property
    def peak(self):
        return statistics.median(self.peaks) if self.peaks else None
