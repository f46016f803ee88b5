"""Each ablation differs from its twin in what its name says and in nothing else."""

import pytest

from chiasma.schema.run import read_model
from chiasma.schema.study import ResolvedStudy

CHANGES = {
    "mixhic_small_con": {"orthogonal_weight": 0.0, "mapping_weight": 0.0},
    "mixhic_small_con_orth": {"mapping_weight": 0.0},
    "mixhic_small_w8": {"width": 8},
    "mixhic_small_w32": {"width": 32},
    "mixhic_small_d2": {"depth": 2},
    "mixhic_small_legacy": {"legacy_batch_axis": True},
    "mixhic_small_separate": {"strips": "separate"},
}
MODES = {"mixhic_small_infer": "infer_map", "mixhic_small_map": "map", "mixhic_small_infer_tracks": "infer_tracks"}
SCRATCH = {"mixhic_small_infer_scratch": "infer_map", "mixhic_small_epi_scratch": "epi"}


def encoder_of(name, model):
    return ResolvedStudy(None, [], {}, {name: model}, {}).encoder_of(name)


@pytest.mark.parametrize("name", CHANGES)
def test_an_ablation_pre_trains_its_own_encoder_with_one_change(name):
    small, ablation = read_model("mixhic_small"), read_model(name)
    assert ablation.parameters == small.parameters | CHANGES[name] != small.parameters
    assert (ablation.pretrain, ablation.finetune) == (small.pretrain, small.finetune)
    assert encoder_of(name, ablation) == name


@pytest.mark.parametrize("name", MODES)
def test_a_mode_shares_the_encoder_and_the_numbers_of_fine_tuning(name):
    small, model = read_model("mixhic_small"), read_model(name)
    assert model.parameters == small.parameters | {"mode": MODES[name]}
    assert model.finetune == small.finetune
    assert model.pretrain is None and encoder_of(name, model) == "mixhic_small"


@pytest.mark.parametrize("name", SCRATCH)
def test_a_scratch_model_starts_from_random_weights(name):
    small, model = read_model("mixhic_small"), read_model(name)
    assert model.parameters == small.parameters | {"mode": SCRATCH[name]}
    assert model.finetune == small.finetune
    assert model.pretrain is None and encoder_of(name, model) is None


def test_null_in_a_file_overrides_the_encoder_of_its_base(tmp_path):
    (tmp_path / "base.yaml").write_text(
        "family: mixhic\ntileset: t\nencoder: other\npretrain: null\nfinetune: null\nparameters: {width: 8}\n"
    )
    (tmp_path / "over.yaml").write_text("base: base\nencoder: null\n")
    model = read_model("over", tmp_path)
    assert model.parameters == {"width": 8}
    assert model.encoder is None and encoder_of("over", model) is None
