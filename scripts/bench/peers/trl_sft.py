"""`trl_sft.py FOLDER`: updates of TRL's fine-tuning, its batches padded as it pads them."""
from trl_way import adapter, model, plain, texts, tokenizer, version, way
from turns import Turns
import trl
from datasets import Dataset

rows = [dict(input_ids=each['prompt'] + each['completion'],
             completion_mask=[0] * len(each['prompt']) + [1] * len(each['completion'])) for each in texts('demonstrations.json')]
settings = trl.SFTConfig(**plain(), per_device_train_batch_size=way['batch'], num_train_epochs=1000, learning_rate=1e-4, max_length=None)
trainer = trl.SFTTrainer(model=model(), args=settings, train_dataset=Dataset.from_list(rows), processing_class=tokenizer(),
                         callbacks=[Turns(version(trl), 1)], **(dict(peft_config=adapter()) if way.get('hasAdapter') else {}))
trainer.train()
