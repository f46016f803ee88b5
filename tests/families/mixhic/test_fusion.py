"""What each mode reads and trains for each need, and a modality that is missing."""

import pytest
import torch
from toy import PAIR, pair_examples, toy_config

from chiasma.core.errors import ConfigError, InputError
from chiasma.families.mixhic.batch import encode
from chiasma.families.mixhic.config import READS, YIELDS, reads, shares, yields
from chiasma.families.mixhic.fusion import UNUSED
from chiasma.families.mixhic.model import build_representation


@pytest.fixture
def batch():
    return encode(pair_examples(), toy_config("mixhic"), None)


def represent(mode, need, **changes):
    return build_representation(toy_config("mixhic", mode=mode, **changes), PAIR, need)


def test_each_mode_says_what_it_reads_and_does_not_train():
    assert set(READS) == set(UNUSED)
    assert reads(toy_config("mixhic", mode="infer_tracks")) == {"contacts"}


@pytest.mark.parametrize("need", YIELDS)
@pytest.mark.parametrize("mode", UNUSED)
def test_each_mode_trains_what_it_reads_whatever_the_need(batch, mode, need):
    representation = represent(mode, need)
    representation({name: batch[name] for name in READS[mode]}).square().sum().backward()
    for name, parameter in representation.named_parameters():
        assert (parameter.grad is not None) == parameter.requires_grad, name
    assert all(parameter.requires_grad for parameter in representation.fusion.parameters())


@pytest.mark.parametrize("need", YIELDS)
@pytest.mark.parametrize("mode", UNUSED)
def test_every_number_a_mode_trains_can_move(batch, mode, need):
    representation = represent(mode, need)
    features = representation(batch)
    (features * torch.randn_like(features)).sum().backward()
    trained = {name: value.grad for name, value in representation.named_parameters() if value.requires_grad}
    still = {name for name, gradient in trained.items() if not gradient.abs().sum() > 0}
    assert still == set()


@pytest.mark.parametrize("need", YIELDS)
@pytest.mark.parametrize(
    ("mode", "ignored"), [("infer_map", "contacts"), ("infer_tracks", "tracks"), ("map", "tracks")]
)
def test_a_modality_that_a_mode_does_not_read_changes_nothing(batch, mode, ignored, need):
    representation = represent(mode, need).eval()
    other = {name: tensor + (name == ignored) for name, tensor in batch.items()}
    assert torch.equal(representation(batch), representation(other))
    assert torch.equal(representation(batch), representation({name: batch[name] for name in READS[mode]}))


@pytest.mark.parametrize("need", YIELDS)
@pytest.mark.parametrize(("missing", "mode"), [("contacts", "infer_map"), ("tracks", "infer_tracks")])
def test_a_model_of_both_infers_the_one_that_is_missing(batch, missing, mode, need):
    both, inferring = represent("bimodal", need).eval(), represent(mode, need).eval()
    inferring.load_state_dict(both.state_dict())
    rest = {name: tensor for name, tensor in batch.items() if name != missing}
    assert torch.equal(both(rest), inferring(batch))
    assert not torch.allclose(both(rest), both(batch))


@pytest.mark.parametrize(("renormalise", "like_real"), [(True, True), (False, False)])
def test_inferred_tracks_take_the_norm_of_real_ones(batch, renormalise, like_real):
    representation = represent("infer_tracks", "pair", renormalise_inferred=renormalise)
    features = {"contacts": representation.encoder.encode("contacts", batch["contacts"])}
    norms = representation._query(features).norm(dim=2)
    assert norms.shape == (4, representation.encoder.track_tokens)
    assert torch.allclose(norms, torch.full_like(norms, 2**0.5)) is like_real


@pytest.mark.parametrize("mode", UNUSED)
def test_a_batch_with_nothing_to_read_is_an_error_that_says_so(batch, mode):
    rest = {"label": torch.ones(4)} | {name: value for name, value in batch.items() if name not in READS[mode]}
    with pytest.raises(InputError, match=f"reads {' or '.join(READS[mode])}; the batch holds .*label"):
        represent(mode, "pair")(rest)


@pytest.mark.parametrize("need", YIELDS)
def test_bins_and_pixels_do_not_depend_on_batch_mates(batch, need):
    representation = represent("bimodal", need).eval()
    alone = {name: tensor[:1] for name, tensor in batch.items()}
    torch.testing.assert_close(representation(batch)[:1], representation(alone), atol=1e-5, rtol=1e-4)


def test_the_signal_of_each_bin_reaches_the_token_of_that_bin_most(batch):
    representation = represent("epi", "strip").eval()
    per_bin = PAIR.strip_bins // PAIR.tile_bins
    for place in (3, PAIR.tile_bins + 5):
        tracks = batch["tracks"].clone().requires_grad_()
        representation({"tracks": tracks})[:, place].square().sum().backward()
        strength = tracks.grad.abs().sum(dim=(0, 2)).reshape(-1, per_bin).sum(dim=1)
        assert abs(strength.argmax().item() - place) <= 1


@pytest.mark.parametrize("mode", UNUSED)
def test_loci_are_shared_where_strips_are_separate_and_read(mode):
    separate = toy_config("mixhic", mode=mode, strips="separate")
    assert shares(separate) == ("tracks" in READS[mode])
    assert yields(separate) == ("pair",)
    assert not shares(toy_config("mixhic", mode=mode))


def test_strips_are_not_separate_over_the_batch_axis():
    with pytest.raises(ConfigError, match="legacy_batch_axis"):
        toy_config("mixhic", strips="separate", legacy_batch_axis=True)
