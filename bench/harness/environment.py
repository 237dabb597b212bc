"""The peers' Python environment: build/bench-env, made from bench/requirements.txt, once for each change of it."""
import os
import pathlib
import subprocess
import sys

REQUIREMENTS = pathlib.Path(__file__).resolve().parent.parent / "requirements.txt"


def pins():
    """What requirements.txt asks for: ["torch==...", ...]."""
    lines = REQUIREMENTS.read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def prepare(folder):
    """The environment's python; None, with a line that says why, if it cannot be made."""
    stamp, python = folder / "requirements.txt", folder / "bin" / "python"
    wanted = REQUIREMENTS.read_text()
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return python
    print(f"Installing the peers into {os.path.relpath(folder)} (7 GiB, once): {', '.join(pins())}", flush=True)
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", REQUIREMENTS]
    try:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run(install, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        why = error.strerror if isinstance(error, OSError) else f"pip ended with status {error.returncode}"
        print(f"bench: the peers could not be installed ({why}); measuring diabolo alone", flush=True)
        return None
    stamp.write_text(wanted)
    return python
