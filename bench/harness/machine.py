"""What a result depends on: processor, caches, memory, system, compiler, versions of the peers."""
import os
import pathlib
import platform
import re
import subprocess

INSTRUCTIONS = ("avx2", "fma", "avx512f", "avx512_bf16", "amx_bf16")


def read(path):
    try:
        return pathlib.Path(path).read_text()
    except OSError:
        return ""


def first_line(command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        return "unknown"


def field(text, name):
    found = re.search(rf"^{name}\s*[:=]\s*\"?(.*?)\"?$", text, re.M)
    return found[1] if found else "unknown"


def caches():
    folders = sorted(pathlib.Path("/sys/devices/system/cpu/cpu0/cache").glob("index*"))
    facts = [[read(folder / fact).strip() for fact in ("level", "type", "size")] for folder in folders]
    return [f"L{level} {kind.lower()} {size}" for level, kind, size in facts]


def has_bf16():
    return any(word in field(read("/proc/cpuinfo"), "flags").split() for word in INSTRUCTIONS[3:])


def describe(peers):
    cpu = read("/proc/cpuinfo")
    flags = field(cpu, "flags").split()
    return {
        "processor": f"{field(cpu, 'model name')} (family {field(cpu, 'cpu family')}, model {field(cpu, 'model')})",
        "cores": len(os.sched_getaffinity(0)),
        "instructions": [word for word in INSTRUCTIONS if word in flags],
        "caches": caches(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": f"{field(read('/etc/os-release'), 'PRETTY_NAME')}, Linux {platform.release()}",
        "compiler": first_line(["c++", "--version"]),
        "peers": peers,
    }
