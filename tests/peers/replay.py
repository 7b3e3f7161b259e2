"""
Computes runs of the studio's offline trainers and reward models again in float64 PyTorch (pip install torch): python replay.py FILE, where FILE holds for each run its
first weights, settings, the rows of every update and what the studio said of it. `tests/peers/replayed-preferences.test.ts` and
`replayed-rewards.test.ts` write it and call this.
Answers with a line of JSON for each run: the largest differences of losses, of gradient norms (relative) and of the last weights.
"""
import json, sys
import torch
import torch.nn.functional as F
from replay_model import states, tensors, worst_of


def log_prob(w, row, heads):
    """Sum over the completion, and how many tokens it has."""
    ids = torch.tensor(row['ids'])
    logits = states(w, ids[:-1], heads) @ w['transformer.wte.weight'].T
    each = torch.log_softmax(logits, -1).gather(1, ids[1:, None]).squeeze(1)[row['learnedFrom']:]
    return each.sum(), len(each)


def ratios(w, reference, rows, heads):
    with torch.no_grad():
        held = torch.stack([log_prob(reference, row, heads)[0] for row in rows])
    return torch.stack([log_prob(w, row, heads)[0] for row in rows]) - held


def dpo(run):
    beta = run['settings']['beta']

    def loss(w, reference, batch):
        chosen = ratios(w, reference, [pair['chosen'] for pair in batch], run['heads'])
        rejected = ratios(w, reference, [pair['rejected'] for pair in batch], run['heads'])
        if run['settings']['loss'] == 'aot-unpaired':
            chosen, rejected = chosen.sort()[0], rejected.sort()[0]
            e = run['settings']['labelSmoothing']
            z = beta * (chosen - rejected)
            return (-(1 - e) * F.logsigmoid(z) - e * F.logsigmoid(-z)).mean()
        return -F.logsigmoid(beta * (chosen - rejected)).mean()
    return loss


def kto(run):
    beta, seen = run['settings']['beta'], {True: [], False: []}

    def loss(w, reference, batch):
        found = ratios(w, reference, batch, run['heads'])
        signs = torch.tensor([1.0 if row['isGood'] else -1.0 for row in batch])
        if run['settings']['loss'] == 'bco':
            for row, value in zip(batch, found.tolist()):
                seen[row['isGood']].append(beta * value)
            means = [sum(values) / len(values) for values in seen.values() if values]
            return -F.logsigmoid(signs * (beta * found - sum(means) / len(means))).mean()
        others = [{'ids': (row['ids'][:row['learnedFrom'] + 1] + after['ids'][after['learnedFrom'] + 1:])[:run['time'] + 1],
                   'learnedFrom': row['learnedFrom']} for row, after in zip(batch, batch[1:] + batch[:1])]
        with torch.no_grad():
            z0 = ratios(w, reference, others, run['heads']).mean().clamp(min=0)
        return (1 - torch.sigmoid(signs * beta * (found - z0))).mean()
    return loss


def free(run):
    settings = run['settings']

    def loss(w, reference, batch):
        per_token = lambda which: torch.stack([total / tokens for total, tokens in (log_prob(w, pair[which], run['heads']) for pair in batch)])
        chosen, rejected = per_token('chosen'), per_token('rejected')
        if settings['loss'] == 'orpo':
            odds = lambda l: l - torch.log(1 - torch.exp(l))
            each = -settings['beta'] * F.logsigmoid(odds(chosen) - odds(rejected))
        else:
            each = -F.logsigmoid(settings['beta'] * (chosen - rejected) - settings['gamma'])
        return (each - settings['sftWeight'] * chosen).mean()
    return loss


def scores(w, ids, heads):
    """Of each token, as if the text ended there: [time, outputs]."""
    return states(w, torch.tensor(ids), heads) @ w['score.weight'] + w['score.bias']


def compared(better, worse, at):
    """Tokens whose scores are compared: the last ones, or all from the first that differs, the shorter text staying at its end."""
    if at == 'end':
        return [(len(better['ids']) - 1, len(worse['ids']) - 1)]
    own, other = better['ids'][better['promptTokens']:], worse['ids'][worse['promptTokens']:]
    longer = max(len(own), len(other))
    differ = [i for i in range(longer) if own[i:i + 1] != other[i:i + 1]]
    return [(better['promptTokens'] + min(i, len(own) - 1), worse['promptTokens'] + min(i, len(other) - 1)) for i in range(differ[0], longer)]


def reward(run):
    settings = run['settings']

    def loss(w, _, batch):
        said, added = 0, 0
        for ranking in batch:
            of = [scores(w, text['ids'], run['heads']) for text in ranking['texts']]
            draws = torch.tensor(ranking.get('draws', [1.0] * of[0].shape[1]))
            for pair in ranking['pairs']:
                texts = ranking['texts']
                at = compared(texts[pair['better']], texts[pair['worse']], settings['compareAt'])
                better = torch.stack([of[pair['better']][i] for i, _ in at])
                worse = torch.stack([of[pair['worse']][j] for _, j in at])
                share = lambda each: (each.mean(0) * draws).mean() / len(ranking['pairs']) / len(batch)
                said = said + share(-F.logsigmoid(better - worse - pair['margin']))
                added = added + share(settings['centering'] * (better + worse) ** 2 + settings['sizePenalty'] * (better ** 2 + worse ** 2) / 2)
        return said + added, said
    return loss


def steps(run):
    def loss(w, _, batch):
        logits, labels = [], []
        for solution in batch:
            of = scores(w, solution['ids'], run['heads']).squeeze(1)
            for end, label in zip(solution['stepEnds'], solution['labels']):
                if label is not None:
                    logits.append(of[end])
                    labels.append(label)
        each = F.binary_cross_entropy_with_logits(torch.stack(logits), torch.tensor(labels, dtype=torch.float64))
        return each, each
    return loss


def again(run):
    w, reference = {name: each.requires_grad_() for name, each in tensors(run['first']).items()}, tensors(run['first'])
    settings = run['settings']
    optimizer = torch.optim.AdamW(w.values(), lr=1, betas=(0.9, settings['beta2']), eps=1e-8, weight_decay=0)
    loss_of = {'dpo': dpo, 'kto': kto, 'reference-free': free, 'reward': reward, 'steps': steps}[run['trainer']](run)
    worst = {'loss': 0.0, 'norm': 0.0, 'weight': 0.0}
    for update in run['updates']:
        optimizer.zero_grad()
        loss = loss_of(w, reference, update['batch'])
        loss, said = loss if isinstance(loss, tuple) else (loss, loss)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(w.values(), settings['clipNorm']).item()
        optimizer.param_groups[0]['lr'] = update['learningRate']
        optimizer.step()
        worst['loss'] = max(worst['loss'], abs(said.item() - update['loss']))
        worst['norm'] = max(worst['norm'], abs(norm - update['gradientNorm']) / norm)
    worst['weight'] = worst_of(w, run['last'])
    return worst


for run in json.load(open(sys.argv[1])):
    print(json.dumps({'name': run['name'], 'updates': len(run['updates']), **again(run)}))
