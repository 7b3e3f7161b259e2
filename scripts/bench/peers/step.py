"""`step.py FOLDER eager|compiled`: one training step in PyTorch: forward, backward, clip, AdamW; the fastest of its settings on this machine."""
import math, sys
import torch
import torch.nn.functional as F
from given_work import depth, heads, is_decayed, layers, rows, tokens, width, work
from peer import best_setting, serve
from torch_gpt import block, load_weights, thread_choices, token_ids, unembed, version

is_compiled = sys.argv[2] == 'compiled'
weights, ids = load_weights(True), token_ids()
hidden = torch.tril(torch.ones(tokens, tokens)).view(1, 1, tokens, tokens) == 0
decayed = [value for name, value in weights.items() if is_decayed(name, value)]
kept = [value for value in weights.values() if not any(value is other for other in decayed)]
has_foreach = 'foreach' in torch.optim.AdamW.__init__.__code__.co_varnames
optimizer = torch.optim.AdamW([{'params': decayed, 'weight_decay': work['weightDecay']}, {'params': kept, 'weight_decay': 0.0}],
                              lr=work['learningRate'], betas=(work['beta1'], work['beta2']), eps=work['epsilon'], **({'foreach': True} if has_foreach else {}))
fused_attention = False


def attend(qkv):
    q, k, v = (part.view(rows, tokens, heads, depth).transpose(1, 2) for part in qkv.split(width, 1))
    if fused_attention:
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    else:
        y = F.softmax((q @ k.transpose(-2, -1) / math.sqrt(depth)).masked_fill(hidden, float('-inf')), -1) @ v
    return y.transpose(1, 2).reshape(rows * tokens, width)


def forward():
    x = (weights['transformer.wte.weight'][ids[:, :-1]] + weights['transformer.wpe.weight'][:tokens]).view(rows * tokens, width)
    for layer in range(layers):
        x = block(weights, layer, x, attend)
    return F.cross_entropy(unembed(weights, x), ids[:, 1:].reshape(-1))


loss_of = torch.compile(forward) if is_compiled else forward


def step():
    loss = loss_of()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(list(weights.values()), work['clipNorm'])
    optimizer.step()
    return loss.item()


def setting(threads, fused):
    def apply():
        global fused_attention
        torch.set_num_threads(threads)
        fused_attention = fused
    return apply


first = forward().item()
choices = [(threads, fused) for threads in thread_choices() for fused in ([False, True] if hasattr(F, 'scaled_dot_product_attention') else [False])]
threads, fused = choices[best_setting([setting(*each) for each in choices], step)]
serve(f'{version(threads)}{", fused attention" if fused else ""}{", torch.compile" if is_compiled else ""}', step, first)
