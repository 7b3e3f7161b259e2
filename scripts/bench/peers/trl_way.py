"""What write-rl-work.ts has written, for peers in TRL: the way, the model, the texts."""
import json, os, sys, warnings

warnings.filterwarnings('ignore')
import torch, transformers
from transformers import AutoModelForCausalLM, AutoTokenizer

transformers.logging.set_verbosity_error()
torch.set_num_threads(2)
folder = sys.argv[1]
way = json.load(open(os.path.join(folder, 'way.json')))


def texts(name):
    return json.load(open(os.path.join(folder, name)))


def model():
    return AutoModelForCausalLM.from_pretrained(os.path.join(folder, 'model'), dtype=torch.float32)


def tokenizer():
    found = AutoTokenizer.from_pretrained(os.path.join(folder, 'model'))
    if found.pad_token is None or found.pad_token_id == found.eos_token_id:
        found.pad_token = found.convert_ids_to_tokens(1)
    return found


def adapter():
    """As ours: rank 8 on what attention projects, and on what it gives back."""
    from peft import LoraConfig
    is_gpt = way['start'] != 'smollm'
    targets = ['c_attn', 'attn.c_proj'] if is_gpt else ['q_proj', 'k_proj', 'v_proj', 'o_proj']
    return LoraConfig(r=8, lora_alpha=16, target_modules=targets, task_type='CAUSAL_LM', fan_in_fan_out=is_gpt)


def plain():
    """Settings of every trainer: 32-bit numbers as ours, and nothing that is not learning."""
    return dict(output_dir=os.path.join(folder, 'trained'), use_cpu=True, bf16=False, report_to=[], save_strategy='no',
                logging_steps=10 ** 9, disable_tqdm=True, dataloader_pin_memory=False,
                gradient_checkpointing=way.get('theirsRecomputes', False), lr_scheduler_type='constant')


def version(trl):
    return f'TRL {trl.__version__}, PyTorch {torch.__version__}, transformers {transformers.__version__}'
