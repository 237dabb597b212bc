#!/usr/bin/env python3
"""Usage: make_corpus.py FUZZ_SEEDS FOLDER: files for fuzz targets to begin with.

FUZZ_SEEDS is the program that writes whole models, checkpoints, schemas and JPEG pictures; the other
formats are written here, and then all are spoiled in the ways in which files are: cut, with lengths
and shapes that lie, names twice, values that no JSON has, checksums right and wrong.
Files keep their names from run to run, so a corpus that has grown is kept.
"""
import gzip
import io
import json
import pathlib
import struct
import subprocess
import sys
import zipfile
import zlib

FOLDER = pathlib.Path()


def put(target, name, content):
    folder = FOLDER / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def put_with_cuts(target, name, content):
    put(target, name, content)
    for share in (1, 5, 9):
        put(target, f"{name}-cut{share}", content[: len(content) * share // 10])
    put(target, f"{name}-more", content + b"\0more")


# --- arrays ---------------------------------------------------------------------------------------

NPY_TYPES = {"|b1": 1, "|i1": 1, "<i2": 2, "<i4": 4, ">i8": 8, "|u1": 1, "<u2": 2, ">u4": 4, "<u8": 8,
             "<f2": 2, "<f4": 4, ">f4": 4, "<f8": 8}


def npy(descr="<f4", shape=(2, 3), order=False, data=None, version=1, text=None):
    if text is None:
        text = f"{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape!r}, }}"
    if data is None:
        count = 1
        for n in shape:
            count *= n
        data = bytes(range(1, 1 + count * NPY_TYPES.get(descr, 4)))
    header = text.encode() + b"\n"
    width = "<H" if version == 1 else "<I"
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack(width, len(header)) + header + data


def arrays():
    for i, descr in enumerate(NPY_TYPES):
        put("npy", f"type{i}", npy(descr))
        put("npy", f"fortran{i}", npy(descr, order=True))
    put_with_cuts("npy", "plain", npy())
    put_with_cuts("npy", "version2", npy(version=2))
    put("npy", "version3", npy(version=3))
    put("npy", "version9", npy(version=9))
    for i, descr in enumerate(("|O", "<c8", "|S3", "<U4", "<M8[s]", "|V4", "<f3", "", "<i99999999999")):
        put("npy", f"refused{i}", npy(descr))
    shapes = [(), (0,), (0, 3), (2, 0), (1,) * 6, (1,) * 7, (1,) * 70, (2**62, 4), (2**32, 2**32),
              (0, 2**62, 2**62), (2**62, 2**62, 0), (2**31, 1), (-1,), (2**63,), (2**64, 3)]
    for i, shape in enumerate(shapes):
        put("npy", f"shape{i}", npy(shape=shape, data=b"\1" * 24))
    for i, text in enumerate((
            "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }",
            "{'descr': '<f4', 'descr': '<f8', 'fortran_order': False, 'shape': (1,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (1L, 2L,), }",
            "{\"descr\": \"<f4\", \"fortran_order\": True, \"shape\": (2, 3)}",
            "{'descr': '<f4', 'shape': (6,)}", "{", "}", "", "{}", "{'shape': ((1,),)}",
            "{'a\\nb': 3}", "{'descr': '<f4' 'shape': (1,)}", "{'fortran_order': Maybe}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } trailing")):
        put("npy", f"header{i}", npy(text=text, data=b"\1" * 24))
    put("npy", "lying-length", npy()[:8] + b"\xff\xff" + npy()[10:])
    put("npy", "nan", npy(data=struct.pack("<6f", 1, float("nan"), 2, float("inf"), 3, -0.0)))
    put("npy", "large-whole", npy(">i8", data=b"\x7f" * 48))


def archive(entries, method=zipfile.ZIP_STORED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as out:
        for name, content in entries:
            out.writestr(zipfile.ZipInfo(name), content, method)
    return file.getvalue()


def archives():
    one = archive([("X.npy", npy())])
    put_with_cuts("npz", "stored", one)
    put_with_cuts("npz", "deflated", archive([("a.npy", npy())], zipfile.ZIP_DEFLATED))
    put("npz", "bzip2", archive([("a.npy", npy())], zipfile.ZIP_BZIP2))
    put("npz", "two", archive([("X.npy", npy()), ("Y.npy", npy("<f8"))]))
    put("npz", "other-names", archive([("b.npy", npy()), ("c.npy", npy())]))
    put("npz", "many", archive([(f"{i}.npy", b"") for i in range(50)]))
    put("npz", "no-array", archive([("readme.txt", b"hello")]))
    put("npz", "empty", archive([]))
    put("npz", "odd-name", archive([("a\n\x1b[0m\u00e9.npy", npy()), ("../../x.npy", npy())]))
    put("npz", "bomb", archive([("X.npy", npy("|u1", (10_000_000,), data=bytes(10_000_000)))],
                               zipfile.ZIP_DEFLATED))
    short = npy("|u1", (10_000_000,), data=b"")
    put("npz", "claims-more", archive([("X.npy", short)], zipfile.ZIP_DEFLATED))
    twice = one.replace(b"X.npy", b"Y.npy")
    put("npz", "prefixed", b"#!/bin/sh\n" + one)
    put("npz", "names-differ", twice[: one.rfind(b"PK\1\2")] + one[one.rfind(b"PK\1\2"):])
    entry, end = one.rfind(b"PK\1\2"), one.rfind(b"PK\5\6")
    tricks = {"crc": (entry + 16, b"\0\0\0\0"), "size": (entry + 24, b"\xff\xff\xff\x7f"),
              "packed-size": (entry + 20, b"\xff\xff\xff\x7f"), "offset": (entry + 42, b"\xff\0\0\0"),
              "encrypted": (entry + 8, b"\1\0"), "method": (entry + 10, b"\x63\0"),
              "name-length": (entry + 28, b"\xff\xff"), "count": (end + 10, b"\xff\xff"),
              "disk": (end + 4, b"\1\0"), "directory-size": (end + 12, b"\xff\xff\xff\xff"),
              "directory-offset": (end + 16, b"\xff\xff\xff\xff"), "comment": (end + 20, b"\xff\xff")}
    for name, (at, change) in tricks.items():
        put("npz", f"lies-{name}", one[:at] + change + one[at + len(change):])


def idx(code=0x08, dims=(2, 3), data=None):
    sizes = {0x08: 1, 0x09: 1, 0x0B: 2, 0x0C: 4, 0x0D: 4, 0x0E: 8}
    if data is None:
        count = 1
        for n in dims:
            count *= n
        data = bytes(range(1, 1 + count * sizes.get(code, 1)))
    return bytes([0, 0, code, len(dims)]) + b"".join(struct.pack(">I", n) for n in dims) + data


def idx_files():
    files = {f"type{code}": idx(code) for code in (0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F)}
    files |= {"six": idx(dims=(1,) * 6), "seven": idx(dims=(1,) * 7), "none": idx(dims=()),
              "huge": idx(dims=(2**32 - 1,) * 6, data=b"1"), "no-rows": idx(dims=(0, 3)),
              "no-rows-overflow": idx(dims=(0,) + (2**32 - 1,) * 5), "no-columns": idx(dims=(2, 0)),
              "more": idx(dims=(2**31,), data=b"12")}
    for name, content in files.items():
        put_with_cuts("idx", name, content)
        put("idx", f"{name}-gz", gzip.compress(content, mtime=0))
    packed = gzip.compress(idx(dims=(100, 100), data=bytes(10000)), mtime=0)
    put_with_cuts("idx", "packed", packed)
    put("idx", "members", gzip.compress(idx()[:7], mtime=0) + gzip.compress(idx()[7:], mtime=0))
    put("idx", "empty-members", gzip.compress(b"", mtime=0) * 200)
    put("idx", "bad-checksum", packed[:-8] + b"\0\0\0\0" + packed[-4:])
    put("idx", "bad-length", packed[:-4] + b"\0\0\0\0")
    put("idx", "bomb", gzip.compress(idx(dims=(10_000_000,), data=bytes(10_000_000)), mtime=0))
    put("idx", "claims-more", gzip.compress(idx(dims=(30_000,), data=b""), mtime=0))
    put("idx", "npy-gz", gzip.compress(npy(), mtime=0))
    put("idx", "gz-gz", gzip.compress(gzip.compress(idx(), mtime=0), mtime=0))
    flags = b"\x1f\x8b\x08\x1f" + packed[4:10] + struct.pack("<H", 4) + b"AB\0\0" + b"name\0words\0"
    put("idx", "all-flags", flags + struct.pack("<H", zlib.crc32(flags) & 0xFFFF) + packed[10:])


# --- pictures -------------------------------------------------------------------------------------

def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width=4, height=3, depth=8, colour=2, interlace=0, before=(), after=(), rows=None):
    bits = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(colour, 1) * depth
    if rows is None:
        row = bytes([1]) + bytes(range(1, 1 + (min(width, 1000) * bits + 7) // 8))
        rows = row * min(height, 1000) * (2 if interlace else 1)
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    parts = [chunk(b"IHDR", header)]
    if colour == 3:
        parts.append(chunk(b"PLTE", bytes(range(3 * 2 ** min(depth, 6)))))
    parts += before
    parts.append(chunk(b"IDAT", zlib.compress(rows)))
    parts += after
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + chunk(b"IEND", b"")


def pictures():
    for colour, depths in {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16),
                           5: (8,)}.items():
        for depth in depths:
            put("png", f"colour{colour}-{depth}", png(depth=depth, colour=colour))
            put("png", f"interlaced{colour}-{depth}", png(depth=depth, colour=colour, interlace=1))
    put_with_cuts("png", "plain", png())
    for i, size in enumerate(((0, 1), (1, 0), (2**31 - 1, 2**31 - 1), (2**31, 1), (8192, 8192), (8193, 8192),
                              (1, 1), (2**20, 1))):
        put("png", f"size{i}", png(*size, rows=b"\0" * 10))
    put("png", "transparent-grey", png(colour=0, before=[chunk(b"tRNS", b"\0\1")]))
    put("png", "transparent-palette", png(colour=3, before=[chunk(b"tRNS", b"\0\1")]))
    bomb = zlib.compress(bytes(7_900_000))
    put("png", "text-bomb", png(before=[chunk(b"zTXt", b"a\0\0" + bomb)]))
    put("png", "text-bombs", png(before=[chunk(b"zTXt", b"a%d\0\0" % i + bomb) for i in range(2)]))
    put("png", "profile-bomb", png(before=[chunk(b"iCCP", b"a\0\0" + bomb)]))
    put("png", "international-text", png(after=[chunk(b"iTXt", b"a\0\1\0\0\0" + zlib.compress(b"hello"))]))
    put("png", "unknown", png(before=[chunk(b"prVt", b"abc"), chunk(b"CRIT", b"abc")]))
    put("png", "gamma", png(before=[chunk(b"gAMA", b"\0\0\0\0"), chunk(b"sRGB", b"\0")]))
    put("png", "two-headers", png(before=[chunk(b"IHDR", b"\0" * 13)]))
    put("png", "two-pictures", png() + png())
    put("png", "much-data", png(rows=bytes(100000)))
    put("png", "bad-crc", png().replace(chunk(b"IEND", b""), b"\0\0\0\0IEND\0\0\0\0"))
    put("png", "long-chunk", png()[:33] + b"\x7f\xff\xff\xffIDAT")
    for path in sorted((FOLDER / "jpeg").glob("[a-z]*")):
        if "-" in path.name:
            continue
        content = path.read_bytes()
        put_with_cuts("jpeg", path.name, content)
        at = max(content.find(b"\xff\xc0"), content.find(b"\xff\xc2"), content.find(b"\xff\xc9"))
        for i, size in enumerate((b"\0\0\0\1", b"\x20\0\x20\0", b"\xff\xff\xff\xff")):
            put("jpeg", f"{path.name}-size{i}", content[: at + 5] + size + content[at + 9:])
        scan = content.find(b"\xff\xda")
        put("jpeg", f"{path.name}-scans", content[:scan] + content[scan:-2] * 250 + content[-2:])
        put("jpeg", f"{path.name}-exif", content[:2] + b"\xff\xe1\0\x10Exif\0\0" + bytes(8) + content[2:])


# --- descriptions ---------------------------------------------------------------------------------

def safetensors(header, data=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def tensor(begin, end, shape, dtype="F32"):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def containers(target):
    eight = bytes(8)
    cases = {
        "empty": {}, "one": {"a": tensor(0, 8, [2])}, "scalar": {"a": tensor(0, 4, [])},
        "overlap": {"a": tensor(0, 8, [2]), "b": tensor(4, 8, [1])},
        "gap": {"a": tensor(0, 4, [1]), "b": tensor(8, 8, [0])},
        "backwards": {"a": tensor(8, 0, [2])}, "far": {"a": tensor(0, 2**63, [2**61])},
        "overflow": {"a": tensor(0, 8, [2**62, 2**62])}, "hidden-overflow": {"a": tensor(0, 0, [0, 2**62, 2**62])},
        "rank7": {"a": tensor(0, 4, [1] * 7)}, "type": {"a": tensor(0, 4, [1], "F16")},
        "metadata": {"__metadata__": {"diabolo": "{}"}}, "not-json": {"__metadata__": {"diabolo": "{"}},
        "metadata-number": {"__metadata__": {"a": 1}}, "name": {"a\nb\u001b": tensor(0, 8, [2])},
        "deep-description": {"__metadata__": {"diabolo": "[" * 8000}},
    }
    for name, header in cases.items():
        put(target, f"container-{name}", safetensors(header, eight))
    odd = {"null": b'{"a":null}', "truth": b'{"a":true}', "negative": b'{"a":-1}', "fraction": b'{"a":0.5}',
           "number": b'{"a":1}', "text": b'{"a":"b"}', "list": b'{"a":[]}', "part": b'{"a":{"dtype":"F32"}}',
           "field-twice": b'{"a":{"dtype":"F32","dtype":"F32"}}', "other-field": b'{"a":{"type":"F32"}}',
           "object": b'{"a":{"shape":{}}}', "one-offset": b'{"a":{"data_offsets":[1]}}',
           "three-offsets": b'{"a":{"data_offsets":[1,2,3]}}', "key-twice": b'{"__metadata__":{"a":"","a":""}}',
           "type-list": b'{"a":{"dtype":[]}}', "cut": b'{"a":{', "metadata-list": b'{"__metadata__":[]}'}
    for name, header in odd.items():
        put(target, f"container-{name}", safetensors(header))
    put(target, "container-twice", safetensors(b'{"a":{},"a":{}}'))
    put(target, "container-deep", safetensors(b"{" + b'"a":[' * 3000))
    put(target, "container-zero", safetensors(b'{"a":0}\0\0\0'))
    put(target, "container-length", safetensors({}, length=2**63))
    put(target, "container-long", safetensors({}, length=99_999_999))
    put(target, "container-nan", safetensors(b'{"a":{"dtype":"F32","shape":[NaN],"data_offsets":[0,1e2]}}'))


def changed(json_text, path, value):
    """The text with the value at a path of keys replaced."""
    whole = json.loads(json_text)
    at = whole
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return json.dumps(whole)


MODEL_CHANGES = [
    (["composition", "latent"], v) for v in (0, -1, 2**20, 2**40, 1e300, "2", None)] + [
    (["composition", "encoder", "settings", "hidden"], v) for v in ("1048576,1048576", "0", "", "4," * 70, 4)] + [
    (["composition", "prior"], {"type": "mixture", "settings": {"components": v}}) for v in (0, 1000, 1e9)] + [
    (["composition", "columns"], [{"type": "normal", "settings": {}, "columns": v}]) for v in (0, 3, 2**28, -5)] + [
    (["composition", "likelihood"], {"type": "categorical", "settings": {"levels": v}})
    for v in ("1048576", "2,2,2", 3)] + [
    (["data", "row_shape"], v) for v in ([], [0], [2**28], [2**20, 2**20], [1] * 9, [-3], ["a"])] + [
    (["data", "is_image"], True), (["data", "dtype"], "u8"), (["data", "dtype"], "f64"),
    (["data", "binarize"], "\n"), (["settings"], {"epochs": "x" * 5000}), (["settings"], []),
    (["format"], 1e300), (["format"], 2), (["format"], -1), (["numerics"], 2**40),
    (["best_epoch"], 2**60), (["history"], [{}]), (["history"], [[]]),
    (["scores"], {"quantiles": [], "column_means": [1], "missing_costs": [1]}),
    (["scores"], {"quantiles": [1e300], "column_means": [0] * 1000, "missing_costs": [0] * 1000}),
    (["holes"], {"05": 1e300}), (["holes"], {"zz": 3}), (["holes"], {"ff": 3}), (["holes"], [[[[]]]]),
    (["schema"], []), (["schema"], {"format": 1})]


def models():
    for target in ("model", "checkpoint"):
        containers(target)
        for path in sorted((FOLDER / target).iterdir()):
            if "-" in path.name:
                continue
            content = path.read_bytes()
            put_with_cuts(target, path.name, content)
            length = struct.unpack("<Q", content[:8])[0]
            header, data = json.loads(content[8:8 + length]), content[8 + length:]
            text = header["__metadata__"]["diabolo"]
            for i, (keys, value) in enumerate(MODEL_CHANGES):
                header["__metadata__"]["diabolo"] = changed(text, keys, value)
                put(target, f"{path.name}-change{i}", safetensors(header, data))
            for key in ("schema", "scores", "holes", "history", "composition"):
                deep = text[:-1] + f',"{key}":' + "[" * 3000 + "]" * 3000 + "}"
                header["__metadata__"]["diabolo"] = deep
                put(target, f"{path.name}-deep-{key}", safetensors(header, data))
            header["__metadata__"]["diabolo"] = text
            put(target, f"{path.name}-nan", safetensors(header, b"\xff" * len(data)))
            if "training" not in header["__metadata__"]:
                continue
            state = header["__metadata__"]["training"]
            for i, (keys, value) in enumerate([
                    (["model", "epoch"], 2**53), (["model", "epoch"], 0), (["model", "shards"], 257),
                    (["model", "shards"], 0), (["model", "sums", "mean"], [1] * 100), (["times"], []),
                    (["times"], [[1]]), (["model", "steps"], 1e300), (["data_rows"], 2),
                    (["cut", "begin"], 2**60), (["model", "power1"], 1e300)]):
                header["__metadata__"]["training"] = changed(state, keys, value)
                put(target, f"{path.name}-state{i}", safetensors(header, data))


def schemas():
    whole = json.loads((FOLDER / "schema" / "line").read_text())
    text = json.dumps(whole)
    put_with_cuts("schema", "plain", text.encode())
    for i, column in enumerate(whole["columns"]):
        put("schema", f"column{i}", json.dumps(dict(whole, columns=[column])).encode())
        for j, (key, value) in enumerate([
                ("kind", "categorical"), ("kind", "datetime"), ("kind", "identifier"), ("type", "text"),
                ("type", "date"), ("type", "boolean"), ("used", False), ("low", 1e308), ("high", -1e308),
                ("levels", ["a", "a"]), ("levels", []), ("values", [1, 1]), ("values", [2, 1]),
                ("values", list(range(2500))), ("counts", [-1]), ("missing", -1), ("decimals", 7),
                ("why", "a\nb\u001b[2J"), ("name", ""), ("name", "x" * 9000), ("date_format", "%" * 50),
                ("likelihood", {"type": "bins", "settings": {"levels": 5000000}}),
                ("likelihood", {"type": "none", "settings": {}}), ("likelihood", "normal"),
                ("code", {"form": "linear", "shift": 1e308, "scale": 1e-308, "step": 1e-300}),
                ("code", {"form": "log", "shift": -1e308, "scale": 1e308, "origin": 1e308, "step": 0}),
                ("code", {"form": "bins", "step": 1e300, "edges": [-1e308, -1e308, 1e308, 1e308]}),
                ("code", {"form": "levels"})]):
            put("schema", f"column{i}-change{j}", changed(text, ["columns", i, key], value).encode())
    cases = {"twice": text[:-1] + ',"format":1}', "nan": text.replace('"low": ', '"low": NaN, "x": '),
             "infinity": text.replace('"low": ', '"low": 1e999, "x": '), "deep": "[" * 8000,
             "deep-columns": '{"columns":' + "[" * 8000 + "]" * 8000 + "}", "deep-object": '{"columns":' * 1400, "many-keys": "{%s}" % ",".join(f'"{i}":0' for i in range(1500)),
             "many-columns": json.dumps({"columns": [{"name": str(i), "kind": "count"} for i in range(300)]}),
             "same-columns": json.dumps(dict(whole, columns=whole["columns"][:1] * 2)),
             "empty": "", "null": "null", "no-columns": '{"format":1,"rows":0,"columns":[]}',
             "rows": changed(text, ["rows"], 2**60), "later": changed(text, ["format"], 2)}
    for name, content in cases.items():
        put("schema", name, content.encode())
    put("schema", "bytes", text.encode().replace(b"Bonn", b"B\xff\xfen"))
    put("schema", "zero", text.encode() + b"\0")


def configs():
    whole = b'epochs = 20\nhidden = [400, 200]\nscale = "none"\nmissing = ["a", "b"]\nbeta = 0.5\n' \
            b'seed = "18446744073709551615"\n[prior]\ntype = "mixture"\ncomponents = 10\n'
    put_with_cuts("config", "plain", whole)
    cases = [b"", b"epochs", b"epochs = ", b"epochs = 1e999", b"epochs = nan", b"epochs = true",
             b"epochs = 1979-05-27T07:32:00Z", b"epochs = 99999999999999999999", b"hidden = [[1]]",
             b"hidden = [1, true]", b"hidden = [" * 300, b"hidden = " + b"[" * 200 + b"]" * 200,
             b"a" + b".a" * 8000 + b" = 1", b"[a" + b".a" * 8000 + b"]",
             b"'a'" + b".','" * 3000 + b" = 1", b"a = [{" + b"a" + b".a" * 14 + b" = [{" * 100, b"[prior.x]\ny = 1",
             b"[[prior]]\ntype = 1", b"epochs = 1\nepochs = 2", b"\xff\xfe", b"epochs = '\xff'",
             b"'a\\nb' = 1", b'"\\u001b[2J\\n" = 1', b"x" * 9000 + b" = 1", b"model = '''\na\nb'''",
             b'model = """\\U0010FFFF"""', b'model = "\\uD800"', b"epochs = 0x_1", b"epochs = -0", b"\0",
             b"prior = {type = 'a', components = {}}", b"prior = {a = {b = " * 400, b"\xef\xbb\xbfepochs = 1",
             b"model = \"a\x1fb\"", b"hidden = []", b"missing = [1, 'a']",
             b"".join(b"[a%d]\n" % i for i in range(1500)), b"hidden = [" + b"1," * 8000 + b"]"]
    for i, content in enumerate(cases):
        put("config", f"case{i}", content)


def main():
    global FOLDER
    seeds, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2])
    subprocess.run([seeds, str(FOLDER)], check=True)
    arrays()
    archives()
    idx_files()
    pictures()
    models()
    schemas()
    configs()


if __name__ == "__main__":
    main()
