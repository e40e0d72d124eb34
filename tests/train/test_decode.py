"""Our decoder against the model itself: log-probabilities, greedy choices, the rows it drops."""

import pytest
import torch

from rlvr.train.decode import Finished, Sampling, decode
from rlvr.train.models import load_model
from rlvr.train.settings import ModelTable

pytestmark = [pytest.mark.train, pytest.mark.filterwarnings("ignore")]

PROMPTS = [[0, 1, 4], [2, 4], [1, 1, 2, 3, 4], [3, 4]]


@pytest.fixture(scope="module")
def loaded():
    table = ModelTable(name="scratch", vocabulary="0 1 2 3 >", hidden_size=32, layers=2, heads=4)
    made = load_model(table, seed=1)
    made.model.eval()
    return made


def run(loaded, *, samples, seed=0, **sampling):
    found: dict[int, Finished] = {}
    decode(
        loaded.model,
        PROMPTS,
        samples=samples,
        sampling=Sampling(**{"max_new_tokens": 12, **sampling}),
        stop_ids=loaded.stop_ids,
        generator=torch.Generator().manual_seed(seed),
        finished=lambda rows: found.update({row.row: row for row in rows}),
    )
    return [found[i] for i in range(len(PROMPTS) * samples)]


@torch.no_grad()
def logprobs_in_one_pass(model, prompt, completion, temperature):
    logits = model(torch.tensor([prompt + completion])).logits[0, len(prompt) - 1 : -1] / temperature
    return logits.log_softmax(-1).gather(-1, torch.tensor(completion)[:, None])[:, 0].tolist()


@pytest.mark.parametrize("temperature", [1.0, 0.7])
def test_log_probabilities_are_those_of_a_single_pass_over_the_whole_text(loaded, temperature):
    rows = run(loaded, samples=6, temperature=temperature)

    for i, row in enumerate(rows):
        expected = logprobs_in_one_pass(loaded.model, PROMPTS[i // 6], row.token_ids, temperature)
        assert row.logprobs == pytest.approx(expected, abs=2e-5)


def test_greedy_completions_are_those_of_generate(loaded):
    rows = run(loaded, samples=1, temperature=0.0)

    for prompt, row in zip(PROMPTS, rows, strict=True):
        ids = loaded.model.generate(torch.tensor([prompt]), do_sample=False, max_new_tokens=12)
        assert row.token_ids == ids[0, len(prompt) :].tolist()


def test_a_row_ends_at_its_first_end_token_or_at_the_limit(loaded):
    rows = run(loaded, samples=16)

    assert any(row.stopped for row in rows)
    for row in rows:
        stops = [i for i, token in enumerate(row.token_ids) if token in loaded.stop_ids]
        assert stops == ([len(row.token_ids) - 1] if row.stopped else [])
        assert row.stopped or len(row.token_ids) == 12


def test_draws_are_a_function_of_the_seed(loaded):
    first, again, other = (run(loaded, samples=8, seed=seed) for seed in (5, 5, 6))

    assert [row.token_ids for row in first] == [row.token_ids for row in again]
    assert [row.token_ids for row in first] != [row.token_ids for row in other]


def test_draws_follow_the_distribution_of_the_model(loaded):
    logits = loaded.model(torch.tensor([PROMPTS[1]])).logits[0, -1]
    expected = logits.softmax(-1).tolist()

    rows = run(loaded, samples=2000, max_new_tokens=1)
    first = [row.token_ids[0] for row in rows[2000:4000]]

    for token, p in enumerate(expected):
        assert first.count(token) / 2000 == pytest.approx(p, abs=4 * (p * (1 - p) / 2000) ** 0.5 + 1e-3)


def test_top_k_draws_nothing_but_the_k_likeliest(loaded):
    rows = run(loaded, samples=50, top_k=1, max_new_tokens=4)
    greedy = run(loaded, samples=1, temperature=0.0, max_new_tokens=4)

    assert {tuple(row.token_ids) for row in rows[:50]} == {tuple(greedy[0].token_ids)}


def test_a_group_of_the_same_prompt_shares_nothing_but_the_prompt(loaded):
    rows = run(loaded, samples=32)

    assert len({tuple(row.token_ids) for row in rows[:32]}) > 16


def test_a_special_token_within_a_completion_stays_visible(loaded):
    # What vanished could stand between two words that are read as one answer: a way to be paid for saying more.
    unknown = loaded.tokenizer.unk_token_id
    end = loaded.end_id

    assert loaded.decode([[0, unknown, 1, end], [0, 1, end], [end, 0]]) == ["0 <unk> 1", "0 1", "<eos> 0"]
