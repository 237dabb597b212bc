"""build/bench/results.json and results.md: what each part measured last, when, on which machine and commit.

JSON: {"parts": {NAME: {"measured": when, "commit": ..., "machine": {...}, "settings": {...}, "tables": [...],
"data": {...}}}}. Tables are what results.md shows; data has every round in milliseconds.
"""
import json
import os

from harness.tables import markdown


def read(folder):
    path = folder / "results.json"
    return json.loads(path.read_text()) if path.exists() else {"parts": {}}


def hindrance(folder):
    """Why results cannot be kept there, before anything is measured; None if they can."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / "writable", "")
        (folder / "writable").unlink()
        read(folder)["parts"]
    except OSError as error:
        return f"expected to write results to {folder}, got: {error.strerror}"
    except (ValueError, KeyError, TypeError):
        return f"expected results of earlier runs in {folder / 'results.json'}, got something else; move it away"
    return None


def write_whole(path, text):
    """Never half."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(text)
    os.replace(fresh, path)


def write(folder, name, part):
    """Replaces part `name` and keeps the others."""
    folder.mkdir(parents=True, exist_ok=True)
    results = read(folder)
    results["parts"][name] = part
    write_whole(folder / "results.json", json.dumps(results, indent=1) + "\n")
    write_whole(folder / "results.md", as_markdown(results))


def as_markdown(results):
    text = "# What `./run bench` measured\n"
    for name, part in results["parts"].items():
        m = part["machine"]
        text += (f"\n## {name}\n\n{part['measured']}, commit {part['commit']}, {m['processor']}, {m['cores']} cores, "
                 f"{m['memory_gib']} GiB, {m['system']}; {', '.join(m['peers']) or 'no peers'}. "
                 f"Medians of {part['settings']['rounds']} rounds.\n\n")
        text += "\n".join(markdown(one) for one in part["tables"])
    return text
