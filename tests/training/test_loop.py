import logging
import math
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from toy_training import ToyModule, toy_batches, toy_config, toy_fit, toy_learner

from chiasma.contracts import StepOutput
from chiasma.core.errors import ConfigError, TrainingError
from chiasma.io.tables import read_tsv
from chiasma.schema.tables import HISTORY
from chiasma.training.loop import CHECKPOINT, fit, remove_checkpoint

CPU = torch.device("cpu")
KILLED = ("every_step", "every_epoch", "accumulated", "loaded")


def history(folder):
    table = read_tsv(folder / "history.tsv", HISTORY)
    return table[table["part"] != "samples_per_s"].reset_index(drop=True)


def same_weights(one, two):
    return all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), two.state_dict().values(), strict=True))


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    root = tmp_path_factory.mktemp("killed")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent), "OMP_NUM_THREADS": "1"}
    script = Path(__file__).with_name("killed_runs.py")
    done = subprocess.run([sys.executable, str(script), str(root)], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return root


@pytest.mark.parametrize("name", KILLED)
def test_a_killed_run_ends_in_the_same_weights_and_history_as_one_that_was_not(runs, name):
    straight, killed = runs / name / "straight", runs / name / "killed"
    assert (straight / "weights.safetensors").read_bytes() == (killed / "weights.safetensors").read_bytes()
    assert history(straight).equals(history(killed))


def test_the_toy_learns_and_the_best_weights_are_kept(tmp_path):
    learner, outcome = toy_fit(tmp_path, epochs=6)
    table = history(tmp_path)
    losses = table[(table["split"] == "valid") & (table["part"] == "total")].set_index("epoch")["value"]
    assert len(losses) == 6 and losses.min() < 0.5 < math.log(2)
    assert (outcome.kept_epoch, outcome.best) == (losses.idxmin(), losses.min())
    with torch.no_grad():
        outputs = [learner.judge(loaded.batch)[0] for loaded in toy_batches("fixed").stream()]
    again = sum(float(output.total) * output.count for output in outputs) / 50
    assert again == pytest.approx(outcome.best, rel=1e-5), "the module holds the weights of the kept epoch"


def test_losses_stand_beside_their_references_in_both_splits(tmp_path):
    toy_fit(tmp_path, epochs=1)
    table = history(tmp_path)
    losses = table[table["part"].isin(["total", "cross_entropy"])]
    assert set(losses["split"]) == {"train", "valid"}
    assert np.allclose(losses["chance"], math.log(2)) and (losses["floor"] == 0).all()
    assert {"gradient_norm", "learning_rate"} <= set(table["part"])


def test_accumulation_changes_nothing_for_a_mean_over_examples(tmp_path):
    modules = []
    for pieces in (1, 2, 4):
        learner = toy_learner()
        learner.module.encoder[3].p = 0.0
        toy_fit(tmp_path / str(pieces), learner, accumulate=pieces, epochs=2, monitor="")
        modules.append(learner.module)
    for other in modules[1:]:
        for one, two in zip(modules[0].parameters(), other.parameters(), strict=True):
            assert torch.allclose(one, two, atol=1e-4)


def test_a_stop_signal_saves_and_the_next_run_goes_on(tmp_path):
    straight, _ = toy_fit(tmp_path / "straight")
    for number in (signal.SIGTERM, signal.SIGINT):
        stopped = toy_learner()
        calls = []

        def judge(batch, learner=stopped, number=number, calls=calls):
            calls.append(len(batch))
            if len(calls) in (5, 24):
                os.kill(os.getpid(), number)
            return learner.judge(batch)

        learner = toy_learner(
            module=stopped.module, step=lambda batch, epoch, judge=judge: judge(batch)[0], judge=judge
        )
        folder, before = tmp_path / number.name, signal.getsignal(number)
        for _ in range(2):
            with pytest.raises(
                TrainingError, match=f"stopped by {number.name} after step .* run the same command to go on"
            ):
                toy_fit(folder, learner, checkpoint_every_s=1e9)
        assert signal.getsignal(number) is before
        resumed, outcome = toy_fit(folder, checkpoint_every_s=1e9)
        assert outcome.resumed_at == 14, "told to stop in the validation after step 14"
        assert same_weights(straight.module, resumed.module)
        assert history(folder).equals(history(tmp_path / "straight"))


def test_a_checkpoint_of_another_identity_is_not_gone_on_from(tmp_path, caplog):
    logging.getLogger("chiasma").propagate = True
    toy_fit(tmp_path)
    learner = toy_learner()
    with caplog.at_level(logging.INFO, "chiasma"):
        outcome = fit(learner, toy_batches(), toy_batches("fixed"), toy_config(), tmp_path, "other", 1, CPU)
    assert outcome.resumed_at == 0 and "starting over" in caplog.text
    assert history(tmp_path)["step"].is_monotonic_increasing


def test_a_damaged_checkpoint_starts_over(tmp_path):
    straight, _ = toy_fit(tmp_path)
    state = tmp_path / CHECKPOINT / "state.safetensors"
    state.write_bytes(state.read_bytes()[:100])
    again, outcome = toy_fit(tmp_path)
    assert outcome.resumed_at == 0 and same_weights(straight.module, again.module)


def test_a_finished_run_is_not_trained_again_until_its_checkpoint_is_removed(tmp_path):
    first, _ = toy_fit(tmp_path)
    second, outcome = toy_fit(tmp_path)
    assert outcome.resumed_at == outcome.steps and same_weights(first.module, second.module)
    remove_checkpoint(tmp_path)
    assert toy_fit(tmp_path)[1].resumed_at == 0


def test_other_seeds_give_other_weights_and_the_same_seed_the_same(tmp_path):
    modules = []
    for run, seed in enumerate((1, 1, 2)):
        learner = toy_learner()
        fit(learner, toy_batches(), toy_batches("fixed"), toy_config(), tmp_path / str(run), "toy", seed, CPU)
        modules.append(learner.module)
    assert same_weights(modules[0], modules[1]) and not same_weights(modules[0], modules[2])


def test_a_loss_that_is_not_finite_stops_and_names_the_examples(tmp_path):
    learner = toy_learner()

    def step(batch, epoch):
        output = learner.step(batch, epoch)
        bad = output.total * float("nan")
        return StepOutput(bad, {"cross_entropy": bad}, output.count)

    before = {name: value.clone() for name, value in learner.module.state_dict().items()}
    with pytest.raises(TrainingError, match=r"cross_entropy.*not finite at step 0.*s1 chr1 bins \d+,\d+"):
        toy_fit(tmp_path, toy_learner(module=learner.module, step=step))
    assert all(torch.equal(value, before[name]) for name, value in learner.module.state_dict().items())


def test_a_gradient_that_is_not_finite_stops_too(tmp_path):
    learner = toy_learner()

    def step(batch, epoch):
        zero = learner.module.head.weight.square().sum() * 0
        total = learner.step(batch, epoch).total + zero.sqrt()  # finite, with an infinite slope
        return StepOutput(total, {"cross_entropy": total}, len(batch["x"]))

    with pytest.raises(TrainingError, match="gradient_norm not finite"):
        toy_fit(tmp_path, toy_learner(module=learner.module, step=step))


def scripted(values):
    """Return metrics that are ``values`` one after the other."""
    left = iter(values)
    return lambda scores, labels: {"auroc": next(left)}


def test_patience_ends_the_run_and_the_monitor_may_be_a_metric(tmp_path):
    learner = toy_learner(metrics=scripted([0.6, 0.8, 0.7, 0.8, 0.9]))
    _, outcome = toy_fit(tmp_path, learner, epochs=9, monitor="auroc", monitor_mode="max", patience=2)
    assert (outcome.epochs, outcome.kept_epoch, outcome.best) == (4, 1, 0.8)


def test_metrics_see_each_validation_example_once(tmp_path):
    seen = []

    def metrics(scores, labels):
        seen.append((scores, labels))
        return {"auroc": 0.5}

    learner = toy_learner(metrics=metrics)
    toy_fit(tmp_path, learner, epochs=1)
    (scores, labels), examples = seen[0], toy_batches("fixed").dataset
    assert scores.shape == labels.shape == (50,) and ((scores >= 0) & (scores <= 1)).all()
    assert labels.tolist() == examples.examples.label[examples.order(0)].tolist()


def test_metrics_are_of_predictions_of_any_shape_beside_their_truths(tmp_path):
    learner, seen = toy_learner(), []

    def judge(batch):
        output, _, _ = learner.judge(batch)
        truth_BN = torch.where(batch["x"] > 2, torch.nan, batch["x"])
        return output, 2 * batch["x"], truth_BN

    def metrics(scores, truths):
        seen.append((scores, truths))
        return {"ratio": np.nanmean(scores / truths)}

    toy_fit(tmp_path, toy_learner(module=learner.module, judge=judge, metrics=metrics), epochs=1)
    ((scores, truths),) = seen
    assert scores.shape == truths.shape == (50, 4)
    examples = toy_batches("fixed").dataset
    np.testing.assert_array_equal(scores, 2 * examples.examples.x[examples.order(0)])
    assert np.isnan(truths).sum() == (examples.examples.x > 2).sum() > 0, "no truth stays no truth"
    ratio = history(tmp_path).query("part == 'ratio'")["value"]
    assert ratio.tolist() == pytest.approx([2.0])


def test_without_a_monitor_the_last_weights_are_kept(tmp_path):
    _, outcome = toy_fit(tmp_path, monitor="")
    assert (outcome.kept_epoch, outcome.best) == (3, None)
    learner = toy_learner()
    fit(learner, toy_batches(), None, toy_config(monitor=""), tmp_path / "blind", "toy", 1, CPU)
    assert set(history(tmp_path / "blind")["split"]) == {"train"}
    assert same_weights(learner.module, toy_fit(tmp_path / "seen", monitor="")[0].module), "validation draws nothing"


def test_a_monitor_that_cannot_be_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="unknown monitor 'totl'; did you mean 'total'"):
        toy_fit(tmp_path / "a", monitor="totl")
    with pytest.raises(ConfigError, match="no validation examples"):
        fit(toy_learner(), toy_batches(), None, toy_config(), tmp_path / "b", "toy", 1, CPU)
    with pytest.raises(TrainingError, match="auroc is nan"):
        toy_fit(tmp_path / "c", toy_learner(metrics=scripted([math.nan])), monitor="auroc")


def test_a_pretrained_encoder_stays_frozen_then_learns_at_its_scale(tmp_path):
    def moved(epochs, **config):
        learner = toy_learner()
        learner = toy_learner(module=learner.module, encoder=learner.module.encoder)
        before = nn.utils.parameters_to_vector(learner.module.encoder.parameters()).detach().clone()
        toy_fit(tmp_path / f"{epochs}{config}", learner, epochs=epochs, monitor="", **config)
        return (nn.utils.parameters_to_vector(learner.module.encoder.parameters()) - before).norm().item()

    assert moved(2, freeze_encoder_epochs=2) == 0
    assert moved(3, freeze_encoder_epochs=2) > 0
    assert 0 < moved(2, encoder_learning_rate_scale=0.01) < 0.1 * moved(2)


def test_validation_is_by_the_objective_of_the_last_epoch(tmp_path):
    learner, seen = toy_learner(), []

    def step(batch, epoch):
        seen.append((learner.module.training, epoch))
        return learner.step(batch, epoch)

    toy_fit(tmp_path, toy_learner(module=learner.module, step=step, judge=None), epochs=3)
    assert {epoch for training, epoch in seen if training} == {0, 1, 2}
    assert {epoch for training, epoch in seen if not training} == {2}


def test_bfloat16_trains_too_and_leaves_weights_in_float32(tmp_path):
    learner, outcome = toy_fit(tmp_path, precision="bfloat16")
    assert outcome.best < math.log(2)
    assert {parameter.dtype for parameter in learner.module.parameters()} == {torch.float32}


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_the_toy_learns_on_a_gpu(tmp_path):
    learner = toy_learner()
    outcome = fit(learner, toy_batches(), toy_batches("fixed"), toy_config(), tmp_path, "toy", 1, torch.device("cuda"))
    assert outcome.best < math.log(2)
    assert isinstance(learner.module, ToyModule)
