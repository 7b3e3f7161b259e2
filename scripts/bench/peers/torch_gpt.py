"""GPT-2's network in PyTorch, from the same numbers as ours: what all PyTorch peers run."""
import torch
import torch.nn.functional as F
from given_work import load_arrays, load_ids, width


def load_weights(requires_grad):
    return {name: torch.tensor(array, requires_grad=requires_grad) for name, array in load_arrays().items()}


def token_ids():
    return torch.from_numpy(load_ids())


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


def thread_choices():
    """One thread may beat two where the work is small; where it is large it never does."""
    from given_work import rows, tokens, width
    return (1, 2) if rows * tokens * width < 1_000_000 else (2,)
