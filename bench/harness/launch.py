"""Runs a command and prints how long it took from start to end and what memory it had at its peak, as JSON.

    python3 -I -S launch.py LOG COMMAND...    stdout and stderr of the command go to LOG

A process of its own, with no imports but these, because the system counts the memory of the process that
starts another as the other's: this one has 9 MiB, which is the least that it can show.
"""
import os
import sys
import time

log = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
began = time.perf_counter()
child = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ,
                        file_actions=[(os.POSIX_SPAWN_DUP2, log, 1), (os.POSIX_SPAWN_DUP2, log, 2)])
_, status, usage = os.wait4(child, 0)
seconds = time.perf_counter() - began
print(f'{{"milliseconds": {seconds * 1e3:.3f}, "peak_mib": {usage.ru_maxrss / 1024:.1f}, '
      f'"code": {os.waitstatus_to_exitcode(status)}}}')
