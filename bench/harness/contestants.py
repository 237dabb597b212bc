"""Those who take turns in a measurement: our programs, and peers that live in a process of their own.

A contestant starts (imports, compiles, checks that it computes what we do), then says the milliseconds
of something each time it is asked. With one thread its process is bound to one core, since XLA has no
other setting. Whatever goes wrong is a Failed with a line that says why.
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading

PEERS = pathlib.Path(__file__).resolve().parent.parent / "peers"
LAUNCH = pathlib.Path(__file__).with_name("launch.py")
PATIENCE = 300  # seconds until a process that says nothing has failed


class Failed(Exception):
    pass


def cores():
    return sorted(os.sched_getaffinity(0))


def bound(threads):
    """What a child of so many threads does before it begins; None: nothing."""
    if threads >= len(cores()):
        return None
    mine = cores()[:threads]
    return lambda: os.sched_setaffinity(0, mine)


def last_line(text):
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("Run with --help")]
    return lines[-1][:300] if lines else "it said nothing"


def output(command, threads=None):
    """The stdout of a program of ours."""
    command = [str(part) for part in command]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE,
                          preexec_fn=bound(threads) if threads else None)
    if done.returncode:
        raise Failed(f"{pathlib.Path(command[0]).name}: {last_line(done.stderr or done.stdout)}")
    return done.stdout


class Ours:
    """A program of ours that takes --seconds and prints milliseconds first; a process a turn."""

    name = "diabolo"

    def __init__(self, command, threads, name="diabolo"):
        self.command, self.threads, self.name = command, threads, name

    def begin(self):
        pass

    def start(self):
        pass

    def turn(self, seconds):
        return float(output([*self.command, "--seconds", seconds], self.threads).split()[0])

    def stop(self):
        pass


class Peer:
    """An activity of a module of bench/peers, in one process for all turns."""

    def __init__(self, context, module, folder, threads, activity):
        self.name, self.threads, self.process = module, threads, None
        self.command = [context.python, PEERS / "run.py", module, folder, str(threads), activity]
        self.environment = context.peer_environment()
        self.log = tempfile.TemporaryFile("w+")

    def begin(self):
        """Lets the process begin, so that several compile at once; start() waits until it is ready."""
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log,
                                        text=True, env=self.environment, preexec_fn=bound(self.threads))

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
        too_long = threading.Timer(PATIENCE, self.process.kill)
        too_long.start()
        try:
            line = next((line for line in self.process.stdout if line.startswith("{")), None)
        finally:
            too_long.cancel()
        if line is None:
            self.process.wait()
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
            self.process.wait()


class WholeProcess:
    """A process from start to end, one a turn. Keeps the peak memory of each, and the last JSON that it printed."""

    def __init__(self, name, command, threads, environment=None):
        self.name, self.command, self.threads, self.environment = name, command, threads, environment
        self.peaks, self.said = [], {}

    def begin(self):
        pass

    def start(self):
        self.turn(0)  # files come into the page cache
        self.peaks.clear()

    def turn(self, seconds):
        with tempfile.NamedTemporaryFile("r") as log:
            launch = [sys.executable, "-I", "-S", LAUNCH, log.name, *map(str, self.command)]
            done = subprocess.run(launch, stdout=subprocess.PIPE, text=True, env=self.environment, timeout=PATIENCE,
                                  preexec_fn=bound(self.threads))
            text = log.read()
        measured = json.loads(done.stdout)
        if measured["code"]:
            raise Failed(last_line(text))
        for line in text.splitlines():
            if line.startswith("{"):
                self.said = json.loads(line)
        self.peaks.append(measured["peak_mib"])
        return measured["milliseconds"]

    def stop(self):
        pass

    @property
    def peak(self):
        return statistics.median(self.peaks) if self.peaks else None
