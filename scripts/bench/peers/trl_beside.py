"""`trl_beside.py FOLDER NAME SEEDS`: TRL's trainer of that name on what beside-trl-work.ts has written, by each seed; prints what it logs."""
import inspect, json, os, random, sys

os.environ['TRL_EXPERIMENTAL_SILENCE'] = '1'
from trl_way import model, texts, tokenizer
import torch, transformers, trl
from datasets import Dataset
from transformers import AutoModelForSequenceClassification

torch.set_num_threads(1)
folder, name, seeds = sys.argv[1], sys.argv[2], int(sys.argv[3])
given = texts('given.json')
common, rollouts, pairs = given['common'], given['rollouts'], given['pairs']
words = tokenizer()
if words.pad_token_id is None or words.pad_token_id == words.eos_token_id:
    words.pad_token_id = given['wanted']


class Ready:
    """Takes ids as they are: both sides read the same."""

    def _prepare_dataset(self, dataset, *_, **__):
        return dataset


def plain(kind, seed, **more):
    settings = dict(
        output_dir=os.path.join(folder, 'trained'), use_cpu=True, bf16=False, report_to=[], save_strategy='no', logging_steps=1, disable_tqdm=True,
        dataloader_pin_memory=False, gradient_checkpointing=False, seed=seed, data_seed=seed, per_device_train_batch_size=16,
        num_train_epochs=common['epochs'], max_grad_norm=common['clipNorm'], logging_nan_inf_filter=False, dataloader_drop_last=False) | more
    known = inspect.signature(kind.__init__).parameters
    return kind(**{key: value for key, value in settings.items() if key in known})


def steps(module):
    """AdamW and a pace as ours: half a step first, then whole ones."""
    adam = torch.optim.AdamW(module.parameters(), lr=common['learningRate'], betas=(0.9, common['beta2']), eps=1e-8, weight_decay=0)
    return adam, torch.optim.lr_scheduler.LambdaLR(adam, lambda step: 0.5 if step == 0 else 1.0)


def rows(**columns):
    return Dataset.from_list([{key: of(pair) for key, of in columns.items()} for pair in pairs])


def trainer(kind, args, data, module, **more):
    made = type('Ready' + kind.__name__, (Ready, kind), {})
    return made(model=module, args=args, train_dataset=data, processing_class=words, optimizers=steps(module), **more)


def sft(seed):
    data = rows(input_ids=lambda p: p['prompt'] + p['chosen'], labels=lambda p: [-100] * len(p['prompt']) + p['chosen'])
    return trainer(trl.SFTTrainer, plain(trl.SFTConfig, seed, max_length=None), data, model()), 'loss'


def reward(seed):
    torch.manual_seed(seed)
    scored = AutoModelForSequenceClassification.from_pretrained(os.path.join(folder, 'model'), num_labels=1, dtype=torch.float32)
    scored.config.pad_token_id = words.pad_token_id
    data = rows(chosen_ids=lambda p: p['prompt'] + p['chosen'], rejected_ids=lambda p: p['prompt'] + p['rejected'])
    return trainer(trl.RewardTrainer, plain(trl.RewardConfig, seed, max_length=None), data, scored), 'loss'


def dpo(seed):
    data = rows(prompt_ids=lambda p: p['prompt'], chosen_ids=lambda p: p['chosen'], rejected_ids=lambda p: p['rejected'])
    return trainer(trl.DPOTrainer, plain(trl.DPOConfig, seed, beta=0.1, max_length=None), data, model()), 'loss'


def kto(seed):
    texts = [dict(prompt_ids=p['prompt'], completion_ids=p[side], label=side == 'chosen') for p in pairs for side in ('chosen', 'rejected')]
    random.Random(seed).shuffle(texts)  # TRL pairs them for the KL as they stand, so that seeds would else differ by the order of batches alone
    # as TRL prepares it: within each 16 texts a prompt has another's completion, too
    for start in range(0, len(texts), 16):
        some = texts[start:start + 16]
        for each, before in zip(some, some[-1:] + some[:-1]):
            each['KL_completion_ids'] = before['completion_ids']
    data = Dataset.from_list(texts)
    return trainer(trl.KTOTrainer, plain(trl.KTOConfig, seed, beta=0.1, max_length=None), data, model()), 'loss'


def orpo(seed):
    from trl.experimental.orpo import ORPOConfig, ORPOTrainer
    data = Dataset.from_list([p['texts'] for p in pairs])
    module = model()
    args = plain(ORPOConfig, seed, beta=0.1, max_length=16)


    class OfCompletions(ORPOTrainer):
        """TRL reads the prompt, too, where the paper (Hong et al. 2024, Eq. 2 and 6) has the completion alone, each text's mean a token."""

        def concatenated_forward(self, model, batch):
            chosen, rejected, *logits = super().concatenated_forward(model, batch)[:4]
            return chosen, rejected, *logits, -chosen.mean()

    made = OfCompletions(model=module, args=args, train_dataset=data, processing_class=words, optimizers=steps(module))
    for row, pair in zip(made.train_dataset, pairs):
        for side in ('chosen', 'rejected'):
            assert row[f'{side}_input_ids'] == pair['prompt'] + pair[side], (row, pair)
            assert row[f'{side}_labels'] == [-100] * len(pair['prompt']) + pair[side], (row, pair)
    return made, 'loss'


def share(completion_ids=None, **_):
    written = [[each for each in ids if each != given['end']] for ids in completion_ids]
    return [sum(each == given['wanted'] for each in ids) / len(ids) if ids else 0.0 for ids in written]


def online(kind, config, seed, **more):
    args = plain(
        config, seed, num_generations=rollouts['groupSize'], max_completion_length=rollouts['maxTokens'], max_steps=rollouts['updates'], beta=0.0,
        temperature=1.0, top_k=0, per_device_train_batch_size=rollouts['groups'] * rollouts['groupSize'], **more)
    module = model()
    data = Dataset.from_list([dict(prompt=each['text']) for each in given['prompts']] * 60)
    return kind(model=module, reward_funcs=share, args=args, train_dataset=data, processing_class=words, optimizers=steps(module)), 'reward'


def grpo(seed):
    return online(trl.GRPOTrainer, trl.GRPOConfig, seed, loss_type='dapo', scale_rewards='group')


def rloo(seed):
    return online(trl.RLOOTrainer, trl.RLOOConfig, seed)


def gkd(seed):
    from torch.nn.utils.rnn import pad_sequence
    from transformers import AutoModelForCausalLM
    from trl.experimental.gkd import GKDConfig, GKDTrainer

    def collated(batch):
        padded = lambda of, filled: pad_sequence([torch.tensor(of(p)) for p in batch], batch_first=True, padding_value=filled)
        return dict(
            input_ids=padded(lambda p: p['prompt'] + p['chosen'], words.pad_token_id),
            attention_mask=padded(lambda p: [1] * len(p['prompt'] + p['chosen']), 0),
            labels=padded(lambda p: [-100] * len(p['prompt']) + p['chosen'], -100))

    teacher = AutoModelForCausalLM.from_pretrained(os.path.join(folder, 'teacher'), dtype=torch.float32)
    data = rows(prompt=lambda p: p['prompt'], chosen=lambda p: p['chosen'])
    args = plain(GKDConfig, seed, max_length=16, lmbda=0.0, beta=0.5)
    return trainer(GKDTrainer, args, data, model(), teacher_model=teacher, data_collator=collated), 'loss'


print(json.dumps(dict(version=f'TRL {trl.__version__}, PyTorch {torch.__version__}, transformers {transformers.__version__}')))
for seed in range(1, seeds + 1):
    transformers.set_seed(seed)
    made, logged = globals()[name](seed)
    made.train()
    print(json.dumps(dict(seed=seed, values=[each[logged] for each in made.state.log_history if logged in each])), flush=True)
