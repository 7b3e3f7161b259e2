"""
What transformers and PEFT write greedily after what the studio has exported (pip install torch transformers peft): python greedy.py ASKED.json, a list of
{name, folder, base?, prompt, turns, tokens, dtype}. Each model is loaded as its folder says, and asked once for plain text and once through its chat template.
Answers with a line of JSON for each.
"""
import json, sys
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging

logging.set_verbosity_error()
logging.disable_progress_bar()
torch.set_num_threads(1)


def written(model, ids, tokens):
    with torch.no_grad():
        out = model.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=tokens)
    return out[0, ids.shape[1]:].tolist()


for asked in json.load(open(sys.argv[1])):
    # computed with in 32 bits, whatever the numbers are stored in, as in the studio
    load = lambda folder: AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    model, found = load(asked.get('base', asked['folder']))
    if 'base' in asked: model = PeftModel.from_pretrained(model, asked['folder'])
    model.eval()
    tokenizer = AutoTokenizer.from_pretrained(asked['folder'])
    plain = tokenizer(asked['prompt'], return_tensors='pt')['input_ids']
    chat = tokenizer.apply_chat_template(asked['turns'], add_generation_prompt=True, return_tensors='pt', return_dict=False)
    print(json.dumps({
        'name': asked['name'],
        'unfit': sorted(str(key) for keys in found.values() for key in keys),
        'plain': [plain[0].tolist(), written(model, plain, asked['tokens'])],
        'chat': [chat[0].tolist(), written(model, chat, asked['tokens'])],
    }), flush=True)
