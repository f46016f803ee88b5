"""What the rivals are shown."""

import numpy as np
import pytest
import torch
from toy import pair_examples, toy_config

from chiasma.families.rivals.batch import augment, encode

LOGS = torch.tensor([2.0, np.e]).log()  # base 2 against the expectation, natural of the number


def test_contacts_and_tracks_by_hand():
    examples = pair_examples(2)
    examples["contacts"][0, 0, :2], examples["valid"][0, 0, :2] = (8, np.nan), (True, False)  # log2 of 9 / 3
    examples["tracks"][0, 0] = (3, -1)
    batch = encode(examples, toy_config("rivals", "toy_two_channel"), None)
    assert batch["contacts"][0, 0, 0].item() == pytest.approx(np.log2(3))
    assert batch["contacts"][0, 0, 1].item() == 0
    assert batch["tracks"][0, 0].tolist() == [2, 0]


def test_contacts_alone_are_two_channels_by_hand():
    examples = pair_examples(2)
    examples["contacts"][0, 0, :2], examples["valid"][0, 0, :2] = (8, np.nan), (True, False)  # 2 are expected
    contacts = encode(examples, toy_config("rivals", "toy_hicplus"), None)["contacts"]
    assert contacts.shape == (2, 2, 16, 16)
    torch.testing.assert_close(contacts[0, :, 0, :2], torch.tensor([[3.0, 1.0], [9.0, 3.0]]).log() / LOGS[:, None])


def test_only_what_the_network_reads_is_encoded():
    assert set(encode(pair_examples(2), toy_config("rivals"), None)) == {"tracks"}


def test_contacts_alone_can_be_read_along_the_other_strand():
    examples = {name: array for name, array in pair_examples(6).items() if name != "tracks"}
    flipped = augment(examples, toy_config("rivals", "toy_hicplus", flip_probability=1.0), np.random.default_rng(0))
    assert flipped.keys() == examples.keys()
    assert (flipped["contacts"] != examples["contacts"]).any(axis=(1, 2)).all()


@pytest.mark.parametrize(("share", "changed"), [(0.0, 0), (1.0, 6)])
def test_a_share_is_read_along_the_other_strand(share, changed):
    examples, config = pair_examples(6), toy_config("rivals", flip_probability=share)
    flipped = augment(examples, config, np.random.default_rng(0))
    assert (flipped["tracks"] != examples["tracks"]).any(axis=(1, 2)).sum() == changed


def test_the_generator_changes_nothing_in_the_encoding():
    examples, config = pair_examples(2), toy_config("rivals")
    still, drawn = encode(examples, config, None), encode(examples, config, np.random.default_rng(0))
    assert torch.equal(still["tracks"], drawn["tracks"])
