"""`chargpt.py FOLDER DROPOUT`: nanoGPT's recipe for characters (train.py, model.py, config/train_shakespeare_char.py) on the rows that ours learns from.
Prints the held-out loss, the seconds it took and what it writes as JSON."""
import json, math, os, sys, time
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

folder, dropout = sys.argv[1], float(sys.argv[2])
work = json.load(open(os.path.join(folder, 'work.json')))
layers, heads, width, context, updates = (work[key] for key in ('layers', 'heads', 'width', 'contextTokens', 'updates'))
peak, least, warmup, decay, betas, longest = 1e-3, 1e-4, 100, 0.1, (0.9, 0.99), 1.0
torch.manual_seed(1337)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(width, bias=False), nn.LayerNorm(width, bias=False)
        self.attend, self.attended = nn.Linear(width, 3 * width, bias=False), nn.Linear(width, width, bias=False)
        self.up, self.down = nn.Linear(width, 4 * width, bias=False), nn.Linear(4 * width, width, bias=False)

    def forward(self, x):
        q, k, v = (part.view(*x.shape[:2], heads, width // heads).transpose(1, 2) for part in self.attend(self.ln_1(x)).split(width, 2))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, dropout_p=dropout if self.training else 0)
        x = x + self.drop(self.attended(y.transpose(1, 2).reshape(x.shape)))
        return x + self.drop(self.down(F.gelu(self.up(self.ln_2(x)))))

    def drop(self, x):
        return F.dropout(x, dropout, self.training)


class Gpt(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(len(work['characters']), width), nn.Embedding(context, width)
        self.blocks, self.ln_f = nn.ModuleList(Block() for _ in range(layers)), nn.LayerNorm(width, bias=False)
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                nn.init.normal_(weight, std=0.02 / math.sqrt(2 * layers) if name.endswith(('attended.weight', 'down.weight')) else 0.02)

    def forward(self, ids):
        x = F.dropout(self.tokens(ids) + self.positions.weight[:ids.shape[1]], dropout, self.training)
        for block in self.blocks:
            x = block(x)
        return self.ln_f(x) @ self.tokens.weight.t()


def rows_in(file):
    return torch.from_numpy(np.fromfile(os.path.join(folder, file), dtype=np.int32).reshape(-1, context + 1).astype(np.int64))


def loss_of(rows):
    return F.cross_entropy(model(rows[:, :-1]).flatten(0, 1), rows[:, 1:].flatten())


def step_size(step):
    if step < warmup:
        return peak * (step + 1) / (warmup + 1)
    return least + 0.5 * (1 + math.cos(math.pi * (step - warmup) / (updates - warmup))) * (peak - least)


def train():
    matrices, others = ([weight for weight in model.parameters() if (weight.dim() >= 2) is wanted] for wanted in (True, False))
    optimizer = torch.optim.AdamW([{'params': matrices, 'weight_decay': decay}, {'params': others, 'weight_decay': 0.0}], betas=betas)
    for step, rows in enumerate(rows_in('trained.i32').split(work['batchRows'])):
        for group in optimizer.param_groups:
            group['lr'] = step_size(step)
        loss_of(rows).backward()
        nn.utils.clip_grad_norm_(model.parameters(), longest)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)


@torch.no_grad()
def held_out_loss():
    """Rows are all of one length, so that the mean over all is the sum of each part's share."""
    rows = rows_in('held-out.i32')
    return sum(loss_of(part).item() * len(part) / len(rows) for part in rows.split(work['batchRows']))


@torch.no_grad()
def sample():
    ids = torch.tensor([[work['beginToken']]])
    for _ in range(work['sampleTokens']):
        ids = torch.cat([ids, torch.multinomial(model(ids[:, -context:])[:, -1].softmax(-1), 1)], 1)
    return ''.join(work['characters'][id] for id in ids[0, 1:])


torch.set_num_threads(2)
model = Gpt()
started = time.perf_counter()
train()
seconds = time.perf_counter() - started
model.eval()
print(json.dumps({'version': torch.__version__, 'loss': held_out_loss(), 'seconds': seconds, 'sample': sample()}))
