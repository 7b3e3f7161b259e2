"""`trl_dpo.py FOLDER`: updates of TRL's DPO at its default settings but for 32-bit numbers."""
from trl_way import adapter, model, plain, texts, tokenizer, version, way
from turns import Turns
import trl
from datasets import Dataset

words = tokenizer()
rows = [dict(prompt_ids=each['prompt'], chosen_ids=each['chosen'], rejected_ids=each['rejected']) for each in texts('pairs.json')]
settings = trl.DPOConfig(**plain(), per_device_train_batch_size=way['batch'], num_train_epochs=1000, learning_rate=1e-6)


class Given(trl.DPOTrainer):
    """Takes ids as they are: both sides read the same."""

    def _prepare_dataset(self, dataset, *_, **__):
        return dataset


trainer = Given(model=model(), args=settings, train_dataset=Dataset.from_list(rows), processing_class=words,
                callbacks=[Turns(version(trl))], **(dict(peft_config=adapter()) if way.get('hasAdapter') else {}))
trainer.train()
