"""`generate.py FOLDER ROWS TOKENS`: a batch of texts in PyTorch with a key-value cache: each token drawn from the softmax."""
import math, sys
import torch
import torch.nn.functional as F
from given_work import depth, heads, layers, width
from peer import best_setting, serve
from torch_gpt import block, load_weights, unembed, version

batch, length = int(sys.argv[2]), int(sys.argv[3])
weights = load_weights(False)
fused_attention = False


@torch.no_grad()
def write():
    keys = [torch.zeros(batch, heads, length, depth) for _ in range(layers)]
    values = [torch.zeros(batch, heads, length, depth) for _ in range(layers)]
    ids = torch.zeros(batch, dtype=torch.long)
    for at in range(length):
        def attend(layer):
            def through_cache(qkv):
                q, k, v = (part.view(batch, heads, 1, depth) for part in qkv.split(width, 1))
                keys[layer][:, :, at:at + 1], values[layer][:, :, at:at + 1] = k, v
                seen_keys, seen_values = keys[layer][:, :, :at + 1], values[layer][:, :, :at + 1]
                if fused_attention:
                    return F.scaled_dot_product_attention(q, seen_keys, seen_values).reshape(batch, width)
                return (F.softmax(q @ seen_keys.transpose(-2, -1) / math.sqrt(depth), -1) @ seen_values).reshape(batch, width)
            return through_cache
        x = weights['transformer.wte.weight'][ids] + weights['transformer.wpe.weight'][at]
        for layer in range(layers):
            x = block(weights, layer, x, attend(layer))
        ids = torch.multinomial(F.softmax(unembed(weights, x), -1), 1).view(batch)


def setting(threads, fused):
    def apply():
        global fused_attention
        torch.set_num_threads(threads)
        fused_attention = fused
    return apply


choices = [(threads, fused) for threads in (1, 2) for fused in ([False, True] if hasattr(F, 'scaled_dot_product_attention') else [False])]
threads, fused = choices[best_setting([setting(*each) for each in choices], write)]
serve(f'{version(threads)}, key-value cache{", fused attention" if fused else ""}', write, units=batch * length)
