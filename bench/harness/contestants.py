"""Those who take turns in a measurement: our programs, and peers that live in a process of their own.

A contestant starts (imports, compiles, checks that it computes what we do), then says the milliseconds
of something each time it is asked. With one thread its process is bound to one core, since XLA has no
other setting. Whatever goes wrong is a Failed with a line that says why.
"""
import json
import os
import pathlib
import subprocess
import tempfile

PEERS = pathlib.Path(__file__).resolve().parent.parent / "peers"
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
        for line in self.process.stdout:
            if not line.startswith("{"):
                continue
            said = json.loads(line)
            if "failed" in said:
                raise Failed(said["failed"])
            return said
        self.process.wait()
        self.log.seek(0)
        raise Failed(last_line(self.log.read()))

    def stop(self):
        if self.process:
            self.process.stdin.close()
            self.process.wait()
