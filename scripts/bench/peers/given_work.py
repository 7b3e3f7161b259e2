"""The work as work.ts has written it: sizes, weights, token ids. Names stand for what they are in work.json."""
import json, os, sys
import numpy as np

folder = sys.argv[1]
work = json.load(open(os.path.join(folder, 'work.json')))
layers, heads, width, vocabulary, rows, tokens = (work[key] for key in ('layers', 'heads', 'width', 'vocabulary', 'rows', 'tokens'))
depth = width // heads


def load_arrays():
    """float32 arrays by name."""
    flat, start, arrays = np.fromfile(os.path.join(folder, 'weights.f32'), dtype=np.float32), 0, {}
    for name, shape in work['spec'].items():
        size = int(np.prod(shape))
        arrays[name] = flat[start:start + size].reshape(shape).copy()
        start += size
    return arrays


def load_ids():
    """int64 [rows, tokens + 1]"""
    return np.fromfile(os.path.join(folder, 'ids.i32'), dtype=np.int32).reshape(rows, tokens + 1).astype(np.int64)


def is_decayed(name, array):
    return array.ndim == 2 and '.wte.' not in name and '.wpe.' not in name
