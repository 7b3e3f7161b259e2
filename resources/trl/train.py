"""One training run on Ray Train by TRL: `pip install -r requirements.txt`, then `python train.py`.

Beside it lie what it was made from: `settings.json`, `data/` in TRL's form with the order in which an update takes its
rows, `model/` (and reward models in `rewards/`) as Hugging Face folders. Optimizer, pace and order are those of the
program that wrote this; on one worker without dropout the losses are, too. What is made lies in `trained/`.
"""

import hashlib, json, math, os, shutil, time
from pathlib import Path

here = Path(__file__).resolve().parent
job = os.environ.get("STUDIO_JOB")  # set where the program that wrote this listens


def pace(step, way):
    """Rate over its peak: a straight rise, then half a cosine (Loshchilov & Hutter 2017, “SGDR”, Eq. 5)."""
    warm, final = way["warmupUpdates"], way["finalLearningRateFraction"]
    if step < warm:
        return (step + 1) / (warm + 1)
    progress = min(1, (step - warm) / max(1, way["updates"] - warm))
    return final + (1 - final) * 0.5 * (1 + math.cos(math.pi * progress))


class Said:
    """What happens, a numbered line each, for whoever listens; without a listener the losses alone."""

    def __init__(self):
        self.line = 0

    def say(self, *events, **files):
        self.line += 1
        if job:
            print("@@studio " + json.dumps(dict(line=self.line, events=events, **files)), flush=True)
        else:
            print(*(json.dumps(each["values"]) for each in events if "values" in each), flush=True)

    def model(self, step, folder):
        """Puts a model where the listener can fetch it: Ray answers for any file below its logs."""
        import ray

        logs, told = Path(ray._private.worker._global_node.get_logs_dir_path()) / "rlhf-studio" / job, []
        logs.mkdir(parents=True, exist_ok=True)
        for each in sorted(path for path in folder.iterdir() if path.is_file() and path.suffix != ".bin"):
            name = f"update-{step:06}.{each.name}"
            data = shutil.copyfile(each, logs / name).read_bytes()
            told.append(dict(name=name, bytes=len(data), sha256=hashlib.sha256(data).hexdigest()))
        node = ray.get_runtime_context().get_node_id()
        self.say(dict(kind="trained", step=step, node=node, atMs=now()), files=told)


def now():
    return int(time.time() * 1000)


def optimizer(module, way):
    """AdamW; vectors and embeddings do not decay."""
    import torch

    tables = {id(each.weight) for each in module.modules() if isinstance(each, torch.nn.Embedding)}
    learned = [each for each in module.parameters() if each.requires_grad]
    decayed = [each for each in learned if each.ndim == 2 and id(each) not in tables]
    kept = [each for each in learned if each.ndim != 2 or id(each) in tables]
    groups = [dict(params=decayed, weight_decay=way["weightDecay"]), dict(params=kept, weight_decay=0.0)]
    return torch.optim.AdamW(groups, lr=way["learningRate"], betas=(0.9, way["beta2"]), eps=1e-8)


def learn(way):
    """One worker of the run. Accelerate, inside TRL, finds the others through Ray Train."""
    import torch, transformers, trl
    from datasets import load_dataset

    grouped = torch.distributed.is_initialized()
    workers, rank = (torch.distributed.get_world_size(), torch.distributed.get_rank()) if grouped else (1, 0)
    said, on_gpu = Said(), torch.cuda.is_available()
    transformers.set_seed(way["seed"])
    rows = lambda name: load_dataset("json", data_files=str(here / "data" / name), split="train")
    held_out = rows("held-out.jsonl") if (here / "data/held-out.jsonl").exists() else None
    order = json.loads((here / "data/order.json").read_text())
    tokenizer = transformers.AutoTokenizer.from_pretrained(here / "model")
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token

    class Listener(transformers.TrainerCallback):
        def on_train_begin(self, args, state, control, **_):
            if rank == 0:
                said.say(dict(kind="plan", step=0, totalSteps=state.max_steps))

        def on_log(self, args, state, control, logs=None, **_):
            heard = {key: float(value) for key, value in (logs or {}).items() if key in way["metrics"]}
            values = {way["metrics"][key]: value for key, value in heard.items() if math.isfinite(value)}
            if rank == 0 and values:
                said.say(dict(kind="update", step=state.global_step, values=values, atMs=now()))

        def on_step_end(self, args, state, control, **_):
            if state.global_step % way["checkpointEvery"] == 0 or state.global_step == state.max_steps:
                keep(state.global_step)

    kind, config = (getattr(trl, way["trainer"] + each) for each in ("Trainer", "Config"))

    class Paced(kind):
        def create_optimizer(self, model=None):
            self.optimizer = optimizer(self.model if model is None else model, way)
            return self.optimizer

        def create_scheduler(self, num_training_steps, optimizer=None):
            adam, rate = optimizer or self.optimizer, lambda step: pace(step, way)
            self.lr_scheduler = torch.optim.lr_scheduler.LambdaLR(adam, rate)
            return self.lr_scheduler

    size = max(1, way["batch"] // (way["accumulation"] * workers))
    more = dict(eval_strategy="steps", eval_steps=way["measureEvery"]) if held_out else {}
    more |= dict(deepspeed=str(here / "deepspeed.json")) if on_gpu and workers > 1 else {}
    args = config(
        output_dir=str(here / "trained"), report_to=[], save_strategy="no", logging_steps=1, disable_tqdm=True,
        max_steps=way["updates"], per_device_train_batch_size=size, gradient_accumulation_steps=way["accumulation"],
        max_grad_norm=way["clipNorm"], seed=way["seed"], data_seed=way["seed"], use_cpu=not on_gpu, bf16=on_gpu,
        gradient_checkpointing=way["recompute"], model_init_kwargs=dict(dtype="float32"),
        train_sampling_strategy="sequential" if order else "random", **more, **way["trl"])  # fmt: skip
    parts = dict(reward_funcs=[str(here / each) for each in way["rewards"]]) if way["rewards"] else {}
    if (here / "adapter").exists():
        from peft import LoraConfig

        parts["peft_config"] = LoraConfig.from_pretrained(here / "adapter")
        parts["peft_config"].inference_mode = False
    data = rows("train.jsonl")
    trainer = Paced(
        model=str(here / "model"), args=args, train_dataset=data.select(order) if order else data,
        eval_dataset=held_out, processing_class=tokenizer, callbacks=[Listener()], **parts)  # fmt: skip

    def keep(step):
        trainer.save_model(args.output_dir)
        if rank == 0:
            tokenizer.save_pretrained(args.output_dir)
            if job:
                said.model(step, Path(args.output_dir))

    trainer.train()
    if rank == 0:
        said.say(dict(kind="ended", state="finished"))


if __name__ == "__main__":
    from ray.train import RunConfig, ScalingConfig
    from ray.train.torch import TorchTrainer
    from train import learn  # by its name: each worker reads the files beside its own copy

    way = json.loads((here / "settings.json").read_text())
    scaling = ScalingConfig(num_workers=way["workers"], use_gpu=way["useGpu"])
    kept = RunConfig(storage_path=way.get("storage") or str(here / "ray"))
    TorchTrainer(learn, train_loop_config=way, scaling_config=scaling, run_config=kept).fit()
