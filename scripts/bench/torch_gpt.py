"""GPT-2's network in PyTorch, from the same numbers as ours: what both PyTorch peers run."""
import json, math, os, sys
import numpy as np
import torch
import torch.nn.functional as F

folder = sys.argv[1]
work = json.load(open(os.path.join(folder, 'work.json')))
layers, heads, width, context, vocabulary = (work[key] for key in ('layers', 'heads', 'width', 'contextTokens', 'vocabulary'))
depth = width // heads


def load_weights(requires_grad):
    flat, start, weights = np.fromfile(os.path.join(folder, 'weights.f32'), dtype=np.float32), 0, {}
    for name, shape in work['spec'].items():
        size = int(np.prod(shape))
        weights[name] = torch.tensor(flat[start:start + size].reshape(shape).copy(), requires_grad=requires_grad)
        start += size
    return weights


def token_ids():
    flat = np.fromfile(os.path.join(folder, 'ids.i32'), dtype=np.int32)
    return torch.from_numpy(flat.reshape(work['batchRows'], context + 1).astype(np.int64))


def norm(w, name, x):
    return F.layer_norm(x, (width,), w[f'{name}.weight'], w[f'{name}.bias'], 1e-5)


def linear(w, name, x):
    return torch.addmm(w[f'{name}.bias'], x, w[f'{name}.weight'])


def block(w, layer, x, attend):
    """x [N, C]; attend takes queries, keys and values [N, 3C] to [N, C]."""
    at = f'transformer.h.{layer}.'
    x = x + linear(w, at + 'attn.c_proj', attend(linear(w, at + 'attn.c_attn', norm(w, at + 'ln_1', x))))
    return x + linear(w, at + 'mlp.c_proj', F.gelu(linear(w, at + 'mlp.c_fc', norm(w, at + 'ln_2', x)), approximate='tanh'))


def unembed(w, x):
    return norm(w, 'transformer.ln_f', x) @ w['transformer.wte.weight'].t()


def version(threads):
    source = 'Debian' if 'dist-packages' in torch.__file__ else 'PyPI'
    return f'PyTorch {torch.__version__} from {source}, {threads} thread{"" if threads == 1 else "s"}'


def serve(name, work_once, check=None, units=1):
    """The peer's side of peer.mjs; units is how much work one call does (tokens)."""
    import time
    print(json.dumps({'name': name, 'check': check}), flush=True)
    for line in sys.stdin:
        ms = []
        for _ in range(int(line)):
            started = time.perf_counter()
            work_once()
            ms.append(1000 * (time.perf_counter() - started) / units)
        print(json.dumps({'ms': ms}), flush=True)


def best_setting(settings, work_once, repetitions=3):
    """Tries each setting (a function that applies it) and leaves the fastest applied; returns its place."""
    import time
    times = []
    for apply in settings:
        apply()
        work_once()
        each = []
        for _ in range(repetitions):
            started = time.perf_counter()
            work_once()
            each.append(time.perf_counter() - started)
        times.append(sorted(each)[repetitions // 2])
    best = times.index(min(times))
    settings[best]()
    return best
