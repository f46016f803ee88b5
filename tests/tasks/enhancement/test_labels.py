"""Windows are drawn of shallow maps that have a deeper one, and of no others."""

from __future__ import annotations

import pytest
from planted_depths import CONFIG, MASKED, TILE, chromosome_arrays

from chiasma.core.errors import InputError
from chiasma.tasks.enhancement import labels
from chiasma.tiles.arrays import ArraysMeta, write_arrays


def test_only_samples_with_a_deeper_map_have_examples(examples):
    assert set(examples["sample"]) == {"shallow"}
    kept = examples[examples["kept"]]
    assert set(kept["split"]) == {"train", "valid", "test"}
    assert not kept[["bin1", "bin2"]].isin(MASKED["shallow"]).any().any()
    assert ((kept["bin2"] - kept["bin1"]) % CONFIG.distance_step_bins == 0).all()
    assert kept["bin1"].min() == TILE // 2


def test_a_tileset_without_deeper_maps_says_what_to_set(tmp_path, arrays, splits):
    meta = ArraysMeta.from_json({**arrays.meta.to_json(), "deeper": {}, "depth": {}}, "meta")
    with pytest.raises(InputError, match="set the tileset's key 'deeper'"):
        labels.build_examples(CONFIG, write_arrays(tmp_path / "arrays", meta, chromosome_arrays()), splits, {})
