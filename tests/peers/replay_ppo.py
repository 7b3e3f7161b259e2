"""
Computes runs of the studio's PPO again in float64 PyTorch (pip install torch): python replay_ppo.py FILE, where FILE holds for each run its first weights, settings,
the texts that were drawn and in which update each was learned from. What the policy said of them, rewards, advantages, returns and the loss with its pretraining mix
are computed here, from the formulas of the papers that src-main/trainers/ppo.ts names. `tests/peers/replayed-ppo.test.ts` writes it and calls this.
Answers with a line of JSON for each run: the largest differences of losses, of gradient norms (relative) and of the last weights.
"""
import json, sys
import torch
from replay_model import states, tensors, worst_of


def said(w, text, run):
    """Of each drawn token: log π of it, the log-probabilities of all, and the value before it."""
    ids = torch.tensor(text['ids'])
    read = states(w, ids[:-1], run['heads'])[text['promptTokens'] - 1:]
    every = torch.log_softmax(read @ w['transformer.wte.weight'].T / run['settings']['temperature'], -1)
    values = (read @ w['v_head.summary.weight'] + w['v_head.summary.bias']).squeeze(-1) if 'v_head.summary.weight' in w else None
    return every.gather(1, ids[text['promptTokens']:, None]).squeeze(1), every, values


def gae(rewards, values, gamma, lamda):
    found, after, value_after = [], 0.0, 0.0
    for reward, value in zip(reversed(rewards.tolist()), reversed(values.tolist())):
        after = reward + gamma * value_after - value + gamma * lamda * after
        value_after = value
        found.append(after)
    return torch.tensor(found[::-1], dtype=torch.float64)


def rolled_out(w, reference, texts, run):
    """What is known of a rollout when it is learned from: by text, and β in the unit of the advantages."""
    s, known = run['settings'], []
    with torch.no_grad():
        for text in texts:
            old, every, values = said(w, text, run)
            theirs, their_every, _ = said(reference, text, run)
            kl = (every.exp() * (every - their_every)).sum(-1)
            drawn = text['ids'][text['promptTokens']:]
            rewards = -s['klBeta'] * (torch.cat([kl[1:], torch.zeros(1)]) if s['klEstimator'] == 'exact' else old - theirs if s['klEstimator'] == 'sampled' else 0 * old)
            rewards[-1] += sum(each == run['letter'] for each in drawn) / 4 - (0 if drawn[-1] == run['end'] else s['noEndPenalty'])
            known.append(dict(old=old, theirs=theirs, values=values, advantages=gae(rewards, values, s['gamma'], s['lambda']), returns=gae(rewards, values, s['gamma'], 1) + values))
    every = torch.cat([each['advantages'] for each in known])
    scale = 1 / torch.sqrt(every.var() + 1e-8)
    for each in known:
        each['advantages'] = (each['advantages'] - every.mean()) * scale
    return {json.dumps(text['ids']): each for text, each in zip(texts, known)}, s['klBeta'] * scale


def loss_of(w, reference, update, rollout, run):
    s, (known, weight) = run['settings'], rollout
    parts = {name: [] for name in ('policy', 'held', 'entropy', 'value')}
    for text in update['texts']:
        before = known[json.dumps(text['ids'])]
        now, every, values = said(w, text, run)
        with torch.no_grad():
            their_every = said(reference, text, run)[1]
        ratio = (now - before['old']).exp()
        clipped = ratio.clamp(1 - s['clipRange'], 1 + s['clipRange'])
        parts['policy'].append(torch.max(-before['advantages'] * ratio, -before['advantages'] * clipped))
        back = before['theirs'] - now
        held = {'exact': lambda: (every.exp() * (every - their_every)).sum(-1), 'k2': lambda: ratio.detach() * back ** 2 / 2, 'k3': lambda: back.exp() - 1 - back, 'sampled': lambda: 0 * now}
        parts['held'].append(held[s['klEstimator']]())
        parts['entropy'].append(-(every.exp() * every).sum(-1))
        moved = before['values'] + (values - before['values']).clamp(-s['valueClipRange'], s['valueClipRange'])
        parts['value'].append(torch.max((values - before['returns']) ** 2, (moved - before['returns']) ** 2))
    mean = {name: torch.cat(each).mean() for name, each in parts.items()}
    read, tokens = 0.0, 0.0
    for row in update['pretraining']:
        ids, mask = torch.tensor(row['ids']), torch.tensor(row['mask'])
        each = torch.log_softmax(states(w, ids[:-1], run['heads']) @ w['transformer.wte.weight'].T, -1).gather(1, ids[1:, None]).squeeze(1)
        read, tokens = read - (each * mask).sum(), tokens + mask.sum()
    value, pretraining = mean['value'] / 2, read / tokens
    loss = mean['policy'] + weight * mean['held'] - s['entropyBonus'] * mean['entropy'] + s['valueWeight'] * value + s['ptxWeight'] * pretraining
    return loss, dict(loss=loss, policy=mean['policy'], value=value, pretraining=pretraining)


def again(run):
    w = {name: each.requires_grad_() for name, each in tensors(run['first']).items()}
    reference, s = {name: each for name, each in tensors(run['first']).items() if not name.startswith('v_head')}, run['settings']
    optimizer = torch.optim.AdamW(w.values(), lr=1, betas=(0.9, s['beta2']), eps=1e-8, weight_decay=0)
    each_rollout, differences, norms = s['epochs'] * s['minibatches'], [], []
    for index, update in enumerate(run['updates']):
        if index % each_rollout == 0:
            texts = [text for first in run['updates'][index:index + s['minibatches']] for text in first['texts']]
            rollout = rolled_out(w, reference, texts, run)
        optimizer.zero_grad()
        loss, numbers = loss_of(w, reference, update, rollout, run)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(w.values(), s['clipNorm']).item()
        optimizer.param_groups[0]['lr'] = update['learningRate']
        optimizer.step()
        differences += [abs(each.item() - update['said'][name]) for name, each in numbers.items()]
        norms.append(abs(norm - update['said']['gradientNorm']) / norm)
    return dict(loss=max(differences), norm=max(norms), weight=worst_of(w, run['last']))


for run in json.load(open(sys.argv[1])):
    print(json.dumps({'name': run['name'], 'updates': len(run['updates']), **again(run)}))
