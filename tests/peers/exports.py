"""
Reads exported datasets as those they are for read them (pip install torch transformers datasets pyarrow; pip install --no-deps trl accelerate):
python exports.py FILE, where FILE lists {"path", "container", "trainer"}. Answers with a line of JSON for each: its rows by Hugging Face's
`datasets`, how many `pyarrow` counts, what TRL makes of them, and the loss of one step of the trainer.
"""
import contextlib, json, os, sys, tempfile
os.environ.update(HF_DATASETS_CACHE=tempfile.mkdtemp(), HF_HUB_OFFLINE='1', TQDM_DISABLE='1', CUDA_VISIBLE_DEVICES='')
import datasets, pyarrow.parquet, torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, LlamaForSequenceClassification, PreTrainedTokenizerFast
import trl
from trl.data_utils import apply_chat_template, is_conversational, maybe_unpair_preference_dataset

datasets.disable_progress_bars()
TEMPLATE = """{%- if tools %}{{ tools | tojson }}
{% endif %}{% for m in messages %}<|start|>{{ m.role }}
{% if m.reasoning_content %}({{ m.reasoning_content }}) {% endif %}{{ m.content or '' }}{% for call in m.tool_calls or [] %}
{{ call.function.name }} {{ call.function.arguments if call.function.arguments is string else call.function.arguments | tojson }}{% endfor %}<|end|>
{% endfor %}{% if add_generation_prompt %}<|start|>assistant
{% endif %}"""


def tokenizer():
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    bytewise = Tokenizer(models.BPE(vocab={letter: i for i, letter in enumerate(letters)}, merges=[]))
    bytewise.pre_tokenizer, bytewise.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(tokenizer_object=bytewise, eos_token='<|end|>', pad_token='<|pad|>', additional_special_tokens=['<|start|>'])
    fast.chat_template = TEMPLATE
    return fast


def tiny(kind, tok):
    torch.manual_seed(0)
    config = LlamaConfig(vocab_size=len(tok), hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2,
                         num_key_value_heads=2, num_labels=1, pad_token_id=tok.pad_token_id, eos_token_id=tok.eos_token_id)
    return kind(config)


# The model's class, and whether a reference stands beside it.
TRAINERS = {
    'sft': (trl.SFTTrainer, trl.SFTConfig, LlamaForCausalLM, False),
    'dpo': (trl.DPOTrainer, trl.DPOConfig, LlamaForCausalLM, True),
    'kto': (trl.KTOTrainer, trl.KTOConfig, LlamaForCausalLM, True),
    'reward': (trl.RewardTrainer, trl.RewardConfig, LlamaForSequenceClassification, False),
}


def loss_of(name, dataset, tok):
    trainer, config, model, has_reference = TRAINERS[name]
    # what trainers say goes where it is no answer
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(sys.stderr):
        args = config(output_dir=folder, report_to=[], use_cpu=True, bf16=False, max_steps=1, per_device_train_batch_size=2, logging_steps=1,
                      save_strategy='no', disable_tqdm=True, dataloader_pin_memory=False, gradient_checkpointing=False)
        reference = {'ref_model': tiny(model, tok)} if has_reference else {}  # else it is looked for by name
        run = trainer(model=tiny(model, tok), args=args, train_dataset=dataset, processing_class=tok, **reference)
        return run.train().training_loss


tok = tokenizer()
for each in json.load(open(sys.argv[1], encoding='utf-8')):
    builder = 'parquet' if each['container'] == 'parquet' else 'json'
    said = {}
    try:
        dataset = datasets.load_dataset(builder, data_files=each['path'], split='train')
        said['rows'] = [dict(row) for row in dataset]
        if builder == 'parquet':
            said['counted'] = pyarrow.parquet.read_table(each['path']).num_rows
        first = dataset[0]
        said['isConversational'] = is_conversational(first)
        said['unpaired'] = maybe_unpair_preference_dataset(dataset).num_rows
        if said['isConversational']:
            def texts(row):
                tools = row.get('tools')
                return apply_chat_template(row, tok, tools=json.loads(tools) if isinstance(tools, str) else tools)
            said['texts'] = [texts(row) for row in dataset]
        if each.get('trainer'):
            said['loss'] = loss_of(each['trainer'], dataset, tok)
    except Exception as error:
        import traceback
        said['error'] = f'{type(error).__name__}: {error}'
        traceback.print_exc()
    print(json.dumps(said), flush=True)
