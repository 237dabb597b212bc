"""Processes, each the first of a group of its own: what is too late, or must end with us, ends with all its children.

Such a group hears nothing of Ctrl-C, so whoever starts processes calls end_all_on_signals() before.
"""
import contextlib
import os
import signal
import subprocess
import sys

from harness.failures import Failed

PATIENCE = 300  # seconds until a process that says nothing has failed

living = set()


def cores():
    return sorted(os.sched_getaffinity(0))


def bound(threads):
    """What a child of so many threads does before it begins; None: nothing."""
    if not threads or threads >= len(cores()):
        return None
    mine = cores()[:threads]
    return lambda: os.sched_setaffinity(0, mine)


def start(command, threads=None, **options):
    command = [str(part) for part in command]
    try:
        process = subprocess.Popen(command, text=True, start_new_session=True, preexec_fn=bound(threads), **options)
    except OSError as error:
        raise Failed(f"{command[0]}: {error.strerror}") from None
    living.add(process)
    return process


def kill(process):
    """With its children."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def end(process, patience=0.0):
    """Waits so many seconds until it ends by itself, then kills what is left of its group."""
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        pass
    finally:
        kill(process)
        process.wait()
        living.discard(process)


def run(command, threads=None, patience=PATIENCE, **options):
    """(exit status, stdout, stderr) of a process from start to end; patience None: as long as it takes."""
    process = start(command, threads, **options)
    try:
        out, err = process.communicate(timeout=patience)
    except subprocess.TimeoutExpired:
        raise Failed(f"expected an end within {patience} s") from None
    finally:
        end(process)
    return process.returncode, out, err


def end_all_on_signals():
    """Ctrl-C and what else would end us end every process first; then we leave in one line."""
    def leave(number, frame):
        for process in living:
            kill(process)
        print(f"\nbench: {signal.Signals(number).name}, nothing more is measured", file=sys.stderr, flush=True)
        sys.exit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:  # as nohup has it
            signal.signal(number, leave)
