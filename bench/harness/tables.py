"""Tables of results: made once by a part, then written as JSON and shown as Markdown from it."""

LABELS = {
    "diabolo": "diabolo",
    "jax_jit": "JAX jit",
    "torch_compile": "torch.compile",
    "torch_eager": "PyTorch eager",
    "keras_fit": "Keras fit",
    "tensorflow_eager": "TensorFlow eager",
}


def table(title, columns, rows, note=""):
    return {"title": title, "columns": columns, "rows": rows, "note": note}


def label(name):
    return LABELS.get(name, name)


def digits(value, unit=""):
    """Three digits that mean something."""
    if value is None:
        return ""
    text = f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.3g}"
    if abs(value) >= 1e4:
        text = f"{value:,.0f}"
    return f"{text} {unit}".strip()


def time_cell(result, scale=1.0):
    """Median and spread; `scale` is from milliseconds to the unit of the table."""
    if result is None:
        return ""
    if result.median is None:
        return "failed"
    low, high = min(result.rounds) * scale, max(result.rounds) * scale
    return f"{digits(result.median * scale)} ({digits(low)} to {digits(high)})"


def judged(value, mark, show="{:.2f}"):
    """A figure beside the one that was asked for, in bold if it falls short."""
    if value is None:
        return "failed" if mark is not None else ""
    text = show.format(value)
    if mark is None:
        return text
    asked = f"asked {mark:g}" if "%" not in show else "asked " + show.format(mark)
    return f"{text} ({asked})" if value >= mark else f"**{text}** ({asked})"


def markdown(one):
    lines = [f"### {one['title']}", ""]
    if one["note"]:
        lines += [one["note"], ""]
    lines.append("| " + " | ".join(one["columns"]) + " |")
    lines.append("|" + "---|" * len(one["columns"]))
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in one["rows"]]
    return "\n".join(lines) + "\n"
