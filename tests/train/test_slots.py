"""The decoder of slots against `decode` and the model itself: what is drawn, where, and what is refused."""

import dataclasses

import pytest
import torch
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from rlvr.errors import InputError, RunError
from rlvr.train.decode import Finished, Sampling, decode
from rlvr.train.slots import SlotDecoder, cache_bytes

pytestmark = [pytest.mark.train, pytest.mark.filterwarnings("ignore")]

PROMPTS = [[5, 6, 9], [7, 9], [6, 6, 7, 8, 9, 5, 5, 8, 6], [8], [10, 4, 4, 10, 9]]
STOPS = tuple(range(2, 300, 12))
VOCABULARY = 300  # more than one chunk
SHAPE = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "head_dim": 8,
    "bos_token_id": None,
    "eos_token_id": 2,
    "pad_token_id": None,
    "tie_word_embeddings": False,
}


def model_of(kind, config):
    torch.manual_seed(3)
    made = kind(config).float().eval()
    with torch.no_grad():
        for weight in made.parameters():
            if weight.ndim > 1:
                weight.mul_(6)  # far from uniform, as a trained model is
    return made


@pytest.fixture(scope="module")
def llama():
    return model_of(LlamaForCausalLM, LlamaConfig(**SHAPE, num_key_value_heads=2))


@pytest.fixture(scope="module")
def qwen():
    return model_of(Qwen3ForCausalLM, Qwen3Config(**SHAPE, num_key_value_heads=4))


@pytest.fixture(params=["llama", "qwen"])
def model(request):
    return request.getfixturevalue(request.param)


def asked(decoder, *, prompts=PROMPTS, samples=4, seed=0, stops=STOPS, **sampling):
    found: dict[int, Finished] = {}

    def keep(rows):
        assert not found.keys() & {row.row for row in rows}
        found.update({row.row: row for row in rows})

    decoder(
        prompts,
        samples=samples,
        sampling=Sampling(**{"max_new_tokens": 12, **sampling}),
        stop_ids=stops,
        generator=torch.Generator().manual_seed(seed),
        finished=keep,
    )
    assert sorted(found) == list(range(len(prompts) * samples))
    return [found[row] for row in range(len(found))]


def by_slots(model, *, slots=3, **options):
    fields = {field.name for field in dataclasses.fields(SlotDecoder)}
    own = {name: options.pop(name) for name in list(options) if name in fields}
    return asked(SlotDecoder(model=model, slots=slots, **own).decode, **options)


def by_decode(model, **options):
    return asked(lambda *given, **named: decode(model, *given, **named), **options)


def ids(rows):
    return [row.token_ids for row in rows]


@torch.no_grad()
def in_one_pass(model, prompt, completion, temperature):
    logits = model(torch.tensor([prompt + completion])).logits[0, len(prompt) - 1 : -1] / temperature
    return logits.log_softmax(-1).gather(-1, torch.tensor(completion)[:, None])[:, 0].tolist()


class Recorded:
    """Stands for CUDA graphs: what it is given is run at each replay."""

    def __init__(self):
        self.captures = self.replays = 0

    def __call__(self, step):
        self.captures += 1

        def replay():
            self.replays += 1
            step()

        return replay


@pytest.mark.parametrize("slots", [1, 3, 64])
def test_greedy_completions_are_those_of_decode(model, slots):
    expected = by_decode(model, samples=2, temperature=0.0)

    rows = by_slots(model, slots=slots, samples=2, temperature=0.0)

    assert any(row.stopped for row in expected)
    assert not all(row.stopped for row in expected)
    assert ids(rows) == ids(expected)
    assert [row.stopped for row in rows] == [row.stopped for row in expected]


def test_greedy_completions_are_those_of_decode_where_weights_are_looked_at_eagerly(llama):
    eager = model_of(LlamaForCausalLM, LlamaConfig(**SHAPE, num_key_value_heads=2))
    eager.set_attn_implementation("eager")

    assert ids(by_slots(eager, temperature=0.0)) == ids(by_decode(llama, temperature=0.0))


@pytest.mark.parametrize("limits", [{"top_k": 5}, {"top_p": 0.8}, {"min_p": 0.1}, {}])
@pytest.mark.parametrize("temperature", [1.0, 0.7])
def test_log_probabilities_are_those_of_a_single_pass_over_the_whole_text(model, temperature, limits):
    rows = by_slots(model, slots=4, temperature=temperature, **limits)

    for row in rows:
        expected = in_one_pass(model, PROMPTS[row.row // 4], row.token_ids, temperature)
        assert row.logprobs == pytest.approx(expected, abs=1e-5)


def test_a_row_ends_at_its_first_end_token_or_at_the_limit(model):
    rows = by_slots(model, samples=16, check_every=5)

    assert {row.stopped for row in rows} == {True, False}
    assert len({row.token_ids[-1] for row in rows if row.stopped}) > 5
    for row in rows:
        stops = [i for i, token in enumerate(row.token_ids) if token in STOPS]
        assert stops == ([len(row.token_ids) - 1] if row.stopped else [])
        assert row.stopped or len(row.token_ids) == 12
        assert len(row.logprobs) == len(row.token_ids)


def test_a_completion_of_one_token_is_one_token(model):
    rows = by_slots(model, check_every=8, max_new_tokens=1)

    assert {len(row.token_ids) for row in rows} == {1}


def test_draws_are_a_function_of_the_seed(model):
    first, again, other = (ids(by_slots(model, seed=seed)) for seed in (5, 5, 6))

    assert first == again
    assert first != other


@pytest.mark.parametrize("options", [{"slots": 1}, {"slots": 7}, {"slots": 100}, {"check_every": 5}])
def test_draws_do_not_depend_on_slots_or_looks(model, options):
    assert ids(by_slots(model, **options)) == ids(by_slots(model))


def test_a_row_does_not_depend_on_who_shares_the_batch(model):
    together = by_slots(model, samples=1, slots=5)
    others = [PROMPTS[0], *([[11, 12, 13, 15] * 8] * 3), PROMPTS[4]]

    among_others = by_slots(model, samples=1, slots=5, prompts=others)

    for row in (0, 4):
        assert among_others[row].token_ids == together[row].token_ids
        assert among_others[row].logprobs == pytest.approx(together[row].logprobs, abs=1e-5)


def test_draws_follow_the_distribution_of_the_model(model):
    with torch.no_grad():
        expected = model(torch.tensor([PROMPTS[1]])).logits[0, -1].softmax(-1).tolist()

    rows = by_slots(model, slots=500, prompts=PROMPTS[1:2], samples=4000, max_new_tokens=1)
    drawn = [row.token_ids[0] for row in rows]

    for token, p in enumerate(expected):
        assert drawn.count(token) / 4000 == pytest.approx(p, abs=4 * (p * (1 - p) / 4000) ** 0.5 + 1e-3)


def test_top_k_draws_nothing_but_the_k_likeliest(model):
    greedy = by_decode(model, samples=1, temperature=0.0)

    rows = by_slots(model, samples=10, top_k=1)

    assert {tuple(row.token_ids) for row in rows[:10]} == {tuple(greedy[0].token_ids)}


@pytest.mark.parametrize("slots", [5, 16])
def test_captured_steps_draw_what_others_do(model, slots):
    capture = Recorded()

    rows = by_slots(model, slots=slots, samples=16, capture=capture, check_every=3)

    assert ids(rows) == ids(by_slots(model, slots=slots, samples=16, capture=None, check_every=1))
    assert capture.replays > capture.captures > 0


def test_a_captured_step_is_replayed_in_later_calls(llama):
    capture = Recorded()
    decoder = SlotDecoder(model=llama, slots=16, capture=capture, check_every=3)
    first = asked(decoder.decode)
    captures = capture.captures

    again = asked(decoder.decode)
    longer = asked(decoder.decode, prompts=[[4, *prompt] for prompt in PROMPTS])

    assert ids(again) == ids(first) != ids(longer)
    assert len(decoder._captured) >= capture.captures >= captures


def test_a_call_that_needs_longer_slots_gets_them(llama):
    decoder = SlotDecoder(model=llama, slots=4)
    asked(decoder.decode)
    long = [[5, 6] * 70, [7] * 150]

    rows = asked(decoder.decode, prompts=long, temperature=0.0)

    assert ids(rows) == ids(by_decode(llama, prompts=long, temperature=0.0))


def test_prompts_that_do_not_fit_one_prefill_take_several(llama):
    long = [[4 + i, *PROMPTS[2] * 30] for i in range(40)]  # 40 times 271 tokens
    asks = {"prompts": long, "samples": 1, "temperature": 0.0, "max_new_tokens": 3}

    assert ids(by_slots(llama, slots=40, **asks)) == ids(by_decode(llama, **asks))


def test_no_step_is_taken_past_the_limit(llama):
    calls = []
    hook = llama.register_forward_hook(lambda *_: calls.append(1))

    by_slots(llama, slots=20, check_every=8, max_new_tokens=3)
    hook.remove()

    assert len(calls) == 1 + 1 + 3  # to size the cache, to prefill, to draw


def test_changed_weights_are_sampled_from():
    model = model_of(LlamaForCausalLM, LlamaConfig(**SHAPE, num_key_value_heads=2))
    decoders = [SlotDecoder(model=model, slots=4), SlotDecoder(model=model, slots=4, dtype=torch.float64)]
    before = [ids(asked(decoder.decode, temperature=0.0)) for decoder in decoders]
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(1.3).add_(0.01)

    after = [ids(asked(decoder.decode, temperature=0.0)) for decoder in decoders]

    expected = ids(by_decode(model, temperature=0.0))
    assert before[0] == before[1] != expected
    assert after == [expected, expected]


def test_sampling_in_bfloat16_leaves_the_weights_as_they_are(llama):
    before = [weight.clone() for weight in llama.parameters()]

    rows = by_slots(llama, dtype=torch.bfloat16)

    for weight, old in zip(llama.parameters(), before, strict=True):
        assert weight.dtype == torch.float32
        assert weight.requires_grad
        assert torch.equal(weight, old)
    for row in rows:
        expected = in_one_pass(llama, PROMPTS[row.row // 4], row.token_ids, 1.0)
        assert row.logprobs != expected
        assert row.logprobs == pytest.approx(expected, abs=0.5)


def test_weights_that_diverged_stop_the_run():
    model = model_of(LlamaForCausalLM, LlamaConfig(**SHAPE, num_key_value_heads=2))
    model.model.norm.weight.data.fill_(float("nan"))

    with pytest.raises(RunError, match="not numbers"):
        by_slots(model)


def test_a_slot_forgets_what_diverged_weights_left_there():
    model = model_of(LlamaForCausalLM, LlamaConfig(**SHAPE, num_key_value_heads=2))
    decoder = SlotDecoder(model=model, slots=4)
    sound = model.model.embed_tokens.weight.detach().clone()
    model.model.embed_tokens.weight.data.fill_(float("nan"))
    with pytest.raises(RunError):
        asked(decoder.decode)

    model.model.embed_tokens.weight.data.copy_(sound)

    assert ids(asked(decoder.decode)) == ids(by_slots(model))


def test_cache_bytes_are_what_the_slots_take(model):
    decoder = SlotDecoder(model=model, slots=6, max_len=40)
    asked(decoder.decode)

    taken = decoder._lanes.key_LBHTD.nbytes + decoder._lanes.value_LBHTD.nbytes

    assert taken == cache_bytes(model.config, 6, 40, torch.float32)


def test_what_does_not_fit_a_slot_is_refused_in_words(llama):
    with pytest.raises(InputError, match=r"may take 21 positions.* max_len = 20"):
        by_slots(llama, max_len=20)
    with pytest.raises(InputError, match="no tokens"):
        by_slots(llama, prompts=[[4], []])


def test_a_sliding_window_is_refused_where_it_is_shorter_than_a_slot():
    config = MistralConfig(**SHAPE, num_key_value_heads=2, sliding_window=64)
    model = model_of(MistralForCausalLM, config)

    with pytest.raises(InputError, match="SlidingWindow"):
        by_slots(model, max_len=65)
    assert ids(by_slots(model, max_len=64, temperature=0.0)) == ids(by_decode(model, temperature=0.0))


def test_no_prompts_are_no_completions(llama):
    assert by_slots(llama, prompts=[]) == []
