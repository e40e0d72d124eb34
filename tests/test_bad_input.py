"""Whatever a user gets wrong: exit 2, one line that names the thing and the way out, no traceback."""

import json
import os
import sys

import pytest

from rlvr.cli import main

GOOD = '{"id": "a", "completion": "4", "answer": "4"}\n'
CONFIG = """
[environment]
name = "echo"
[model]
name = "scratch"
vocabulary = "0 1"
[trainer]
"""

# What lies in the folder that the commands below run in.
FILES: dict[str, str | bytes] = {
    "good.jsonl": GOOD,
    "empty.jsonl": "",
    "blank.jsonl": "\n\n",
    "torn.jsonl": GOOD + '{"id": "b", "compl',
    "words.jsonl": GOOD + "hello\n" + GOOD,
    "array.jsonl": GOOD + "[1, 2]\n",
    "latin.jsonl": GOOD.encode() + b'{"completion": "\xe9"}\n',
    "late.jsonl": GOOD + '{"id": "b", "completion": "4"}\n',
    "number.jsonl": '{"completion": 4, "answer": "4"}\n',
    "no-answer.jsonl": '{"id": "a", "completion": "4"}\n',
    "no-text.jsonl": '{"id": "a", "answer": "4"}\n',
    "chat.jsonl": '{"completion": [{"role": "assistant"}], "answer": "4"}\n',
    "verdicts.jsonl": '{"id": 1, "reward": 1.0, "answer": "4", "reason": "", "parts": {}, "plugin": "x"}\n',
    "torn.parquet": b"PAR1 and then nothing",
    "torn.jsonl.gz": b"\x1f\x8b\x08\x00",
    "good.toml": CONFIG,
    "steps.toml": CONFIG + "max_steps = 1\n",
    "syntax.toml": "[run\n",
    "latin.toml": b"# \xe9\n",
    "empty.toml": "",
    "typo.toml": CONFIG + "[run]\nsede = 3\n",
    "table.toml": CONFIG + "[rolout]\nworkers = 3\n",
    "type.toml": CONFIG + '[run]\nseed = "three"\n',
    "nan.toml": CONFIG + "[rollout]\ntimeout_s = nan\n",
    "range.toml": CONFIG + "[rollout]\nmax_unscored = 1.5\n",
    "choice.toml": CONFIG.replace("vocabulary", 'prompt = "chatty"\nvocabulary'),
    "model.toml": '[environment]\nname = "echo"\n[trainer]\n',
    "name.toml": CONFIG.replace('[environment]\nname = "echo"', "[environment]"),
    "scratch.toml": CONFIG.replace('vocabulary = "0 1"', ""),
    "run/config.toml": CONFIG,
    "folder/nothing": "",
}

ONE_OBJECT = "Expected one JSON object a line."
# A command, and the line that it must end in: whole, or its beginning where it ends in an ellipsis.
BAD: dict[str, str] = {
    # list
    "list nothing": "Invalid value for '[KIND]': 'nothing' is not one of 'environments', ...",
    "lst": "No such command 'lst'....",
    "list --jsn": "No such option...",
    # show
    "show": "Missing argument 'NAME'.",
    "show ecoh": "no environment named 'ecoh'. Did you mean 'echo'?",
    "show rlvr/ecoh": "no environment named 'rlvr/ecoh'. ...",
    "show echo -o digit=3": "no option of environment 'echo' named 'digit'. Did you mean 'digits'?",
    "show echo -o digits": "'digits' is not an option: expected key=value, as in seed=3.",
    "show echo -o digits=many": (
        "environment 'echo': digits = 'many' is of the wrong type: expected a whole number."
    ),
    "show echo -o digits=nan": "environment 'echo': digits = nan is of the wrong type: expected a whole number.",
    "show echo --tasks 0": "Invalid value for '--tasks': 0 is not in the range x>=1.",
    # score
    "score identical": "Missing argument 'FILE'.",
    "score identicl good.jsonl": "no verifier or environment named 'identicl'. Did you mean 'identical'?",
    "score identical missing.jsonl": "no file 'missing.jsonl': expected a JSONL file.",
    "score identical folder": "'folder' cannot be read: Is a directory.",
    "score identical empty.jsonl": "'empty.jsonl' holds no row: expected one JSON object a line.",
    "score identical blank.jsonl": "'blank.jsonl' holds no row: expected one JSON object a line.",
    "score identical torn.jsonl": "'torn.jsonl' line 2 is torn (cut off in the middle): ...",
    "score identical words.jsonl": (
        f"'words.jsonl' line 2 is not JSON: Expecting value: line 1 column 1 (char 0). {ONE_OBJECT}"
    ),
    "score identical array.jsonl": "'array.jsonl' line 2 is list, expected a JSON object.",
    "score identical latin.jsonl": (
        "'latin.jsonl' line 2 is not UTF-8: save it as UTF-8, as in `iconv -t utf-8`."
    ),
    "score identical torn.jsonl.gz": "'torn.jsonl.gz' cannot be read: Compressed file ended before ...",
    "score identical good.jsonl --completion-field completoin": (
        "'good.jsonl' line 1: no field named 'completoin'. Did you mean 'completion'? "
        "Name the right one with --completion-field."
    ),
    "score identical good.jsonl --answer-field zebra": (
        "'good.jsonl' line 1: no field named 'zebra'. Known: answer, completion, id. "
        "Name the right one with --answer-field."
    ),
    "score identical good.jsonl --id-field idd": (
        "'good.jsonl' line 1: no field named 'idd'. Did you mean 'id'? Name the right one with --id-field."
    ),
    "score identical late.jsonl": (
        "'late.jsonl' line 2: no field named 'answer'. Known: completion, id. "
        "Name the right one with --answer-field."
    ),
    "score identical no-answer.jsonl": "'no-answer.jsonl' line 1: none of the fields reference, answer, ...",
    "score identical no-text.jsonl": "'no-text.jsonl' line 1: none of the fields completion, response, ...",
    "score identical number.jsonl": (
        "'number.jsonl' line 1: the field 'completion' is int, expected text or chat messages."
    ),
    "score identical chat.jsonl": (
        "'chat.jsonl' line 1: the field 'completion' is list, expected text or chat messages."
    ),
    "score identical good.jsonl --format inspct": "Invalid value for '--format': 'inspct' is not one of ...",
    "score identical good.jsonl --format lm-eval": (
        "'good.jsonl' line 1: no field 'doc_id', which a row of the format lm-eval has. "
        "It has answer, completion, id: name the right format with --format."
    ),
    "score identical verdicts.jsonl": (
        "'verdicts.jsonl' holds verdicts that `rlvr score` wrote, and no completions: give the file that was scored."
    ),
    "score identical torn.parquet": "'torn.parquet' is not a sound Parquet file: ...",
    "score identical good.jsonl -o case=1": "no option of verifier 'identical' named 'case'. There are none.",
    "score identical good.jsonl --timeout 0": "Invalid value for '--timeout': 0.0 is not in the range x>0.",
    "score identical good.jsonl --timeout nan": "Invalid value for '--timeout': nan is not a finite number.",
    "score identical good.jsonl --timeout inf": "Invalid value for '--timeout': inf is not a finite number.",
    "score identical good.jsonl --max-errors nan": (
        "Invalid value for '--max-errors': nan is not a finite number."
    ),
    "score identical good.jsonl --workers 0": "Invalid value for '--workers': 0 is not in the range x>=1.",
    "score identical good.jsonl --summary nowhere/s.json": (
        "the summary cannot be written to 'nowhere/s.json': No such file or directory."
    ),
    # evaluate
    "evaluate echo": "there is no model to try 'echo': give --model MODEL, or a run folder alone.",
    "evaluate echo --model scratch --also strict": (
        "--also 'strict': expected NAME:KEY=VALUE, as in strict:reading=box."
    ),
    "evaluate ecoh --model scratch": "no environment named 'ecoh'. Did you mean 'echo'?",
    "evaluate echo --model scratch -o digit=3": (
        "no option of environment 'echo' named 'digit'. Did you mean 'digits'?"
    ),
    "evaluate echo --model scratch --temperature nan": (
        "Invalid value for '--temperature': nan is not a finite number."
    ),
    "evaluate echo --model scratch --tasks many": "Invalid value for '--tasks': 'many' is not a valid integer...",
    # train
    "train": "Missing argument 'CONFIG'.",
    "train missing.toml": "no file 'missing.toml': expected a TOML config, see configs/ for examples.",
    "train folder": "'folder' is a folder without config.toml: expected a config or a run folder.",
    "train run": "'run' is a run folder: add --resume to go on with it.",
    "train syntax.toml": "'syntax.toml' is not TOML: ...",
    "train latin.toml": "'latin.toml' cannot be read as UTF-8 text: ...",
    "train empty.toml": "the key 'environment' is missing: expected a table.",
    "train model.toml": "the key 'model' is missing: expected a table.",
    "train name.toml": "the key 'environment.name' is missing: expected text.",
    "train typo.toml": "no key named 'run.sede'. Did you mean 'run.seed'?",
    "train table.toml": "no key named 'rolout'. Did you mean 'rollout'?",
    "train type.toml": "run.seed = 'three' is of the wrong type: expected a whole number.",
    "train nan.toml": "rollout.timeout_s = nan is of the wrong type: expected a finite number.",
    "train range.toml": "rollout.max_unscored = 1.5 is out of range: expected 0 to 1.",
    "train choice.toml": "model.prompt = 'chatty' is of the wrong type: expected one of 'auto', 'chat', 'text'.",
    "train scratch.toml": "model.vocabulary is empty: ...",
    "train good.toml run.sede=3": "no key named 'run.sede'. Did you mean 'run.seed'?",
    "train good.toml seed": "'seed' is not an option: expected key=value, as in seed=3.",
    "train good.toml run=3": "run = 3 is of the wrong type: expected a table.",
    "train good.toml rollout.timeout_s=inf": (
        "rollout.timeout_s = inf is of the wrong type: expected a finite number."
    ),
    "train good.toml rollout.timeout_s=0": "rollout.timeout_s = 0.0 is out of range: ...",
    "train good.toml run.seed=1.5": "run.seed = 1.5 is of the wrong type: expected a whole number.",
    "train good.toml evaluation.samples=0": "evaluation.samples = 0 is out of range: ...",
    "train good.toml model.heads=7": "model.hidden_size = 64 and model.heads = 7: ...",
    "train good.toml": "the key 'trainer.max_steps' is missing: expected a whole number.",
    "train steps.toml trainer.num_generations=3": (
        "a step has 8 completions (trainer.per_device_train_batch_size times gradient_accumulation_steps times "
        "processes), which trainer.num_generations = 3 does not divide: make it a multiple."
    ),
    "train steps.toml algorithm=gspoo": "no algorithm named 'gspoo'. Did you mean 'gspo'?",
    "train steps.toml engine=tlr": "engine = 'tlr' is of the wrong type: expected one of 'rlvr', 'trl'.",
    "train steps.toml engine=trl algorithm=ppo": (
        "algorithm = 'ppo' is not GRPOTrainer's: with engine = 'trl' expected one of grpo, dr_grpo, dapo, gspo, ..."
    ),
    "train steps.toml trainer.loss_type=dapo": "trainer.loss_type is TRL's: here it is algorithm, as in ...",
    "train steps.toml trainer.learning_rate=20": (
        "trainer.learning_rate = 20.0 is out of range: expected 0 to 10."
    ),
    "train steps.toml trainer.temperature=0": "trainer.temperature = 0.0 is out of range: expected 0.001 to 100.",
    "train steps.toml trainer.advantage=std": "trainer.advantage = 'std' is of the wrong type: expected one of ...",
    "train steps.toml trainer.max_step=3": "no key named 'trainer.max_step'. Did you mean 'trainer.max_steps'?",
    "train steps.toml run.report_to=['tensorbord']": (
        "no tracker named 'tensorbord'. Did you mean 'tensorboard'?"
    ),
    "train steps.toml run.report_to=['wandb']": (
        "run.report_to: 'wandb' is not installed: pip install wandb."
    ),
    "train steps.toml rollout.ahead=2": "rollout.ahead = 2 is out of range: expected 0 to 1.",
    "train steps.toml rollout.decoder=fast": (
        "rollout.decoder = 'fast' is of the wrong type: expected one of 'growing', 'slots'."
    ),
    "train steps.toml alarms.off=['entropi']": "no alarm named 'entropi'. Did you mean 'entropy'?",
    "train steps.toml environment.name=ecoh": "no environment named 'ecoh'. Did you mean 'echo'?",
    "train steps.toml environment.options={digit=3}": (
        "no option of environment 'echo' named 'digit'. Did you mean 'digits'?"
    ),
    "train steps.toml evaluation.options={digit=3}": (
        "no option of environment 'echo' named 'digit'. Did you mean 'digits'?"
    ),
    "train steps.toml stage=[{algorithm='sft'},{algorithm='dqo'}]": (
        "no algorithm named 'dqo'. Did you mean 'dpo'?"
    ),
    "train steps.toml stage=[{algorithm='sft'}] curriculum=[{until=0.5,options={}}]": (
        "stage and curriculum cannot be combined: give each stage its own options instead."
    ),
    "train steps.toml model.name=folder": "the model 'folder' cannot be loaded: ...",
    "train steps.toml model.name=nothing.gguf": "no file 'nothing.gguf': expected a GGUF model.",
    "train steps.toml trainer.lr_scheduler_type=cosin": "trainer.lr_scheduler_type = 'cosin' is of the wrong ...",
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name, content in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(folder, monkeypatch, capsys):
    """Run the command line in this process, in that folder; return its exit code, stdout and stderr."""
    before = dict(os.environ)

    def go(*arguments):
        monkeypatch.setattr(sys, "argv", ["rlvr", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        return left.value.code, *capsys.readouterr()

    yield go
    os.environ.clear()
    os.environ.update(before)


@pytest.mark.parametrize("command", BAD)
def test_bad_input_is_one_line_and_exit_2(run, command):
    code, _, stderr = run(*command.split())

    *others, last = stderr.splitlines()
    expected = f"Error: {BAD[command]}"
    assert code == 2, stderr
    assert last.startswith(expected[:-3]) if expected.endswith("...") else last == expected
    assert [line for line in others if line and not line.startswith(("Usage: ", "Try 'rlvr"))] == []
    assert "Traceback" not in stderr


@pytest.mark.parametrize("file", ["torn", "words", "array", "latin", "late"])
def test_rows_before_a_bad_one_are_scored(run, file):
    _, stdout, _ = run("score", "identical", f"{file}.jsonl")

    assert [json.loads(line)["reward"] for line in stdout.splitlines()] == [1.0]


def test_a_task_that_the_environment_does_not_have_is_named(healthy, rlvr, folder):
    (folder / "rows.jsonl").write_text('{"id": "t0", "completion": "!"}\n{"id": "t7", "completion": "!"}\n')

    done = rlvr("score", "healthy-tasks", "rows.jsonl", "-o", "size=2", cwd=folder)

    assert done.returncode == 2
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr.splitlines()[-1] == (  # before it stands what the plugin printed
        "Error: no task ('rows.jsonl' line 2) named 't7'. Known: t0, t1."
    )
