"""The model of the replays in float64 PyTorch."""
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)  # tensors of a row are small


def states(w, ids, heads):
    """Pre-norm GPT-2: ids [time] → states after the last norm [time, width]."""
    width = w['transformer.wte.weight'].shape[1]
    linear = lambda x, name: x @ w[name + '.weight'] + w[name + '.bias']
    norm = lambda x, name: F.layer_norm(x, (width,), w[name + '.weight'], w[name + '.bias'], 1e-5)
    split = lambda x: x.view(len(ids), heads, width // heads).transpose(0, 1)
    x = w['transformer.wte.weight'][ids] + w['transformer.wpe.weight'][:len(ids)]
    for layer in range(sum(name.endswith('ln_1.weight') for name in w)):
        h = f'transformer.h.{layer}.'
        q, k, v = map(split, linear(norm(x, h + 'ln_1'), h + 'attn.c_attn').split(width, -1))
        attended = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + linear(attended.transpose(0, 1).reshape(len(ids), width), h + 'attn.c_proj')
        x = x + linear(F.gelu(linear(norm(x, h + 'ln_2'), h + 'mlp.c_fc'), approximate='tanh'), h + 'mlp.c_proj')
    return norm(x, 'transformer.ln_f')


def tensors(stored):
    return {name: torch.tensor(each['data'], dtype=torch.float64).reshape(each['shape']) for name, each in stored.items()}


def worst_of(w, last):
    """The largest difference of a weight."""
    return max((w[name].detach().flatten() - torch.tensor(data, dtype=torch.float64)).abs().max().item() for name, data in last.items())
