"""`trl_ppo.py FOLDER TRL`: iterations of TRL's PPO; TRL is the folder of its last release that has it."""
import os, sys, time

os.environ['TRL_EXPERIMENTAL_SILENCE'] = '1'
sys.path.insert(0, sys.argv[2])
from trl_way import adapter, model, plain, tokenizer, version, way
from turns import Turns
import torch, trl
from datasets import Dataset
from transformers import GPT2Config, GPT2ForSequenceClassification
import trl.experimental.ppo.ppo_trainer as ppo

count, tokens, has_adapter = way['completions'], way['maxTokens'], way.get('hasAdapter', False)
words = tokenizer()
words.padding_side = 'left'
policy = model()
reference = None if has_adapter else model()
critic = GPT2ForSequenceClassification(GPT2Config.from_dict({**policy.config.to_dict(), 'num_labels': 1}))
critic.transformer.load_state_dict(policy.transformer.state_dict())
critic.score.weight.data.zero_()
for each in (policy, critic):
    each.config.pad_token_id = words.pad_token_id
policy.generation_config.eos_token_id = None


class Said:
    def __init__(self, states):
        self.hidden_states = [states]


class Back(torch.nn.Module):
    def forward(self, input_ids=None, **_):
        return Said((input_ids.float() % 7 / 7).unsqueeze(-1))


class Reward(torch.nn.Module):
    """A number of the text that costs nothing, as ours."""
    base_model_prefix = 'back'

    def __init__(self):
        super().__init__()
        self.back = Back()

    def score(self, states):
        return states.mean(1, keepdim=True).expand(-1, states.shape[1], -1)


phases = {}


def timed(name_of, work):
    def measured(*given, **named):
        started = time.perf_counter()
        answer = work(*given, **named)
        name = name_of()
        phases[name] = phases.get(name, 0) + 1000 * (time.perf_counter() - started)
        return answer
    return measured


ppo.batch_generation = timed(lambda: 'writing', ppo.batch_generation)
ppo.get_reward = timed(lambda: 'scoring', ppo.get_reward)
ppo.forward = timed(lambda: 'updating forward' if torch.is_grad_enabled() else 'scoring', ppo.forward)

start = [words.eos_token_id]
settings = ppo.PPOConfig(
    **plain(), per_device_train_batch_size=count, gradient_accumulation_steps=1, num_mini_batches=4, num_ppo_epochs=way['epochs'],
    local_rollout_forward_batch_size=count, response_length=tokens, temperature=1.0, stop_token='eos', total_episodes=count * 100000,
    num_sample_generations=0, learning_rate=2e-4, kl_coef=0.05)
trainer = ppo.PPOTrainer(
    args=settings, processing_class=words, model=policy, ref_model=reference, reward_model=Reward(), value_model=critic,
    train_dataset=Dataset.from_list([dict(input_ids=start) for _ in range(4 * count)]), callbacks=[Turns(version(trl), 2, phases)],
    **(dict(peft_config=adapter()) if has_adapter else {}))
trainer.log = lambda *_, **__: None
trainer.train()
