"""Parameter counts of the published network, independence of batch mates, and the fine-tuned representation."""

import pytest
import torch
from toy import PAIR, pair_examples, toy_config

from chiasma.contracts import TileShape
from chiasma.families.mixhic.batch import encode
from chiasma.families.mixhic.config import Config
from chiasma.families.mixhic.fusion import UNUSED
from chiasma.families.mixhic.model import build_model, build_representation, embed, embed_tokens
from chiasma.schema.rooms import build_config, read_values

# Counted from the released code (specification 2.7): width -> module -> parameters.
COUNTS = {
    64: {"input": 192, "tracks": 6_330_624, "patches": 320, "contacts": 11_176_448, "dead": 2_792_960,
         "head": 131_328, "map": 262_656, "fusion": 6_306_816, "total": 18_559_105, "loops": 24_881_474},
    128: {"input": 384, "tracks": 25_276_928, "patches": 640, "contacts": 44_569_600, "dead": 11_156_480,
          "head": 524_800, "map": 1_049_600, "fusion": 25_196_544, "total": 74_047_745, "loops": 99_275_330},
    256: {"input": 768, "tracks": 101_016_576, "patches": 1_280, "contacts": 178_006_016, "dead": 44_595_200,
          "head": 2_098_176, "map": 4_196_352, "fusion": 100_724_736, "total": 295_813_633, "loops": 396_600_386},
}  # fmt: skip


def published(width):
    values = read_values("config/models/mixhic_published.yaml")["parameters"]
    return build_config(Config, values | {"width": width}, "mixhic_published")


def count(module):
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize("width", COUNTS)
def test_the_published_network_has_the_published_parameters(width):
    wanted = COUNTS[width]
    with torch.device("meta"):
        representation = build_representation(published(width), TileShape(50, 2500, 2), "pair")
    model = representation.encoder
    contacts, tracks = model.towers["contacts"], model.towers["tracks"]
    assert count(tracks.stem.widen) == wanted["input"]
    assert count(tracks) - count(tracks.stem.widen) == wanted["tracks"]
    assert count(contacts.embed) == wanted["patches"]
    assert count(contacts) - count(contacts.embed) == wanted["contacts"] - wanted["dead"]
    for head in (*model.shared.values(), *model.specific.values()):
        assert count(head) == wanted["head"]
    assert count(model.to_contacts) == count(model.to_tracks) == wanted["map"]
    assert count(representation.fusion) == wanted["fusion"]
    unused_norms = 2 * (width + 2 * width + 4 * width)
    assert count(model) == wanted["total"] - wanted["dead"] - unused_norms
    loop_head = (8 * width * 32 + 32) + (32 + 1)
    assert count(representation) + loop_head == wanted["loops"] - wanted["dead"]


@pytest.fixture
def batch():
    return encode(pair_examples(), toy_config("mixhic"), None)


def test_a_prediction_does_not_depend_on_its_batch_mates(batch):
    config = toy_config("mixhic")
    model, representation = build_model(config, PAIR), build_representation(config, PAIR, "pair").eval()
    alone = {key: tensor[:1] for key, tensor in batch.items()}
    for name, vector in embed(model, batch).items():
        torch.testing.assert_close(vector[:1], embed(model, alone)[name], atol=1e-6, rtol=0)
    torch.testing.assert_close(representation(batch)[:1], representation(alone), atol=1e-5, rtol=0)


def test_with_the_legacy_axis_it_does(batch):
    model = build_model(toy_config("mixhic", legacy_batch_axis=True), PAIR)
    alone = {key: tensor[:1] for key, tensor in batch.items()}
    together = embed(model, batch)["tracks_shared"][:1]
    assert (together - embed(model, alone)["tracks_shared"]).abs().max() > 1e-6


def test_tokens_have_the_stated_norms(batch):
    model = build_model(toy_config("mixhic"), PAIR)
    features = model.encode("tracks", batch["tracks"])
    torch.testing.assert_close(features.shared_BLH.norm(dim=2), torch.ones(4, 4))
    torch.testing.assert_close(features.tokens_BLD.norm(dim=2), torch.full((4, 4), 2**0.5))


def test_pooled_vectors_are_the_means_of_the_tokens(batch):
    model = build_model(toy_config("mixhic"), PAIR)
    tokens, vectors = embed_tokens(model, batch), embed(model, batch)
    assert set(tokens) == {
        f"{modality}_{part}" for modality in ("contacts", "tracks") for part in ("shared", "specific")
    }
    for name, values in tokens.items():
        assert values.shape[1] == (model.contact_tokens if name.startswith("contacts") else model.track_tokens)
        torch.testing.assert_close(values.mean(dim=1), vectors[name])


def test_normalised_heads_leave_out_what_all_examples_share(batch):
    spread = {}
    for norm in ("batch", "none"):
        model = build_model(toy_config("mixhic", head_norm=norm), PAIR)
        vectors = model.encode("tracks", batch["tracks"]).shared_BLH.flatten(1)
        spread[norm] = torch.nn.functional.cosine_similarity(vectors[:2], vectors[2:]).mean().item()
    assert spread["none"] > 0.9 and spread["batch"] < 0.2


def test_maps_give_the_other_modalitys_number_of_tokens(batch):
    model = build_model(toy_config("mixhic"), PAIR)
    aligned = model(batch)
    assert aligned.inferred_contacts_BMD.shape == aligned.contacts.tokens_BLD.shape
    assert aligned.inferred_tracks_BLD.shape == aligned.tracks.tokens_BLD.shape


@pytest.mark.parametrize(("start", "end"), [(3.0, 0.5), (-1.0, 0.001)])
def test_the_temperature_comes_back_between_its_bounds(batch, start, end):
    model = build_model(toy_config("mixhic"), PAIR)
    torch.nn.init.constant_(model.temperature, start)
    assert model.eval()(batch).temperature.item() == pytest.approx(end)
    assert model.temperature.item() == start
    model.train()(batch)
    assert model.temperature.item() == pytest.approx(end)


@pytest.mark.parametrize("mode", UNUSED)
def test_each_mode_trains_what_it_reads_and_nothing_else(batch, mode):
    representation = build_representation(toy_config("mixhic", mode=mode), PAIR, "pair")
    representation(batch).square().sum().backward()
    for name, parameter in representation.named_parameters():
        read = not name.removeprefix("encoder.").startswith(UNUSED[mode])
        assert (parameter.grad is not None) == read == parameter.requires_grad, name


@pytest.mark.parametrize(("mode", "ignored"), [("infer_map", "contacts"), ("epi", "contacts"), ("map", "tracks")])
def test_a_mode_without_a_modality_does_not_look_at_it(batch, mode, ignored):
    representation = build_representation(toy_config("mixhic", mode=mode), PAIR, "pair")
    other = {key: tensor + (key == ignored) for key, tensor in batch.items()}
    without = {key: tensor for key, tensor in batch.items() if key != ignored}
    assert torch.equal(representation.eval()(batch), representation(other))
    assert torch.equal(representation(batch), representation(without))
    bimodal = build_representation(toy_config("mixhic"), PAIR, "pair").eval()
    assert not torch.allclose(bimodal(batch), bimodal(other))


def test_inferred_contacts_take_the_norm_of_real_ones(batch):
    representation = build_representation(toy_config("mixhic", mode="infer_map"), PAIR, "pair")
    features = {"tracks": representation.encoder.encode("tracks", batch["tracks"])}
    norms = representation._context(features).norm(dim=2)
    torch.testing.assert_close(norms, torch.full_like(norms, 2**0.5))


def test_fine_tuning_adds_fusion_alone():
    names = {
        name.split(".")[0] for name, _ in build_representation(toy_config("mixhic"), PAIR, "pair").named_parameters()
    }
    assert names == {"encoder", "fusion"}
