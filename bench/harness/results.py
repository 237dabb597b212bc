"""build/bench/results.json and results.md: what each part measured last, when, on which machine and commit.

JSON: {"parts": {NAME: {"measured": when, "commit": ..., "machine": {...}, "settings": {...}, "tables": [...],
"data": {...}}}}. Tables are what results.md shows; data has every round in milliseconds.
"""
import json

from harness.tables import markdown


def write(folder, name, part):
    """Replaces part `name` and keeps the others."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "results.json"
    results = json.loads(path.read_text()) if path.exists() else {"parts": {}}
    results["parts"][name] = part
    path.write_text(json.dumps(results, indent=1) + "\n")
    (folder / "results.md").write_text(as_markdown(results))


def as_markdown(results):
    text = "# What `./run bench` measured\n"
    for name, part in results["parts"].items():
        m = part["machine"]
        text += (f"\n## {name}\n\n{part['measured']}, commit {part['commit']}, {m['processor']}, {m['cores']} cores, "
                 f"{m['memory_gib']} GiB, {m['system']}; {', '.join(m['peers']) or 'no peers'}. "
                 f"Medians of {part['settings']['rounds']} rounds.\n\n")
        text += "\n".join(markdown(one) for one in part["tables"])
    return text
