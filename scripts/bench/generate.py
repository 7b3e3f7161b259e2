"""A batch of texts in PyTorch with a key-value cache: each token drawn from the softmax."""
import math
import torch
import torch.nn.functional as F
from torch_gpt import best_setting, block, context, depth, heads, layers, load_weights, serve, unembed, version, vocabulary, width

rows = 32
weights = load_weights(False)
fused_attention = False


@torch.no_grad()
def write():
    keys = [torch.zeros(rows, heads, context, depth) for _ in range(layers)]
    values = [torch.zeros(rows, heads, context, depth) for _ in range(layers)]
    ids = torch.zeros(rows, dtype=torch.long)
    for at in range(context):
        def attend(layer):
            def through_cache(qkv):
                q, k, v = (part.view(rows, heads, 1, depth) for part in qkv.split(width, 1))
                keys[layer][:, :, at:at + 1], values[layer][:, :, at:at + 1] = k, v
                seen_keys, seen_values = keys[layer][:, :, :at + 1], values[layer][:, :, :at + 1]
                if fused_attention:
                    return F.scaled_dot_product_attention(q, seen_keys, seen_values).reshape(rows, width)
                return (F.softmax(q @ seen_keys.transpose(-2, -1) / math.sqrt(depth), -1) @ seen_values).reshape(rows, width)
            return through_cache
        x = weights['transformer.wte.weight'][ids] + weights['transformer.wpe.weight'][at]
        for layer in range(layers):
            x = block(weights, layer, x, attend(layer))
        ids = torch.multinomial(F.softmax(unembed(weights, x), -1), 1).view(rows)


def setting(threads, fused):
    def apply():
        global fused_attention
        torch.set_num_threads(threads)
        fused_attention = fused
    return apply


choices = [(threads, fused) for threads in (1, 2) for fused in ([False, True] if hasattr(F, 'scaled_dot_product_attention') else [False])]
threads, fused = choices[best_setting([setting(*each) for each in choices], write)]
serve(f'{version(threads)}, key-value cache{", fused attention" if fused else ""}', write, units=rows * context)
