"""``chiasma embed`` with a masked auto-encoder of contact windows: its published levels, patch, window and chromosome."""

import anndata
import numpy as np
import pandas as pd
import pytest
from training_runs import pretrain, run, write_index

from chiasma.evaluation.projection import vectors_by_name

MODEL = {
    "family": "hicfoundation",
    "tileset": "windows",
    "revision": 1,
    "parameters": {
        "width": 8, "depth": 1, "heads": 2, "decoder_width": 12, "decoder_depth": 1, "decoder_heads": 2, "patch": 8,
    },
    "pretrain": {"epochs": 1, "batch_size": 16, "learning_rate": 1e-3, "max_examples": 16},
    "finetune": None,
}  # fmt: skip
WINDOW = ["contacts_window_encoder", "contacts_window_decoder", "contacts_patch_encoder", "contacts_patch_decoder"]
PLACE = ["chrom", "bin1", "bin2"]


@pytest.fixture(scope="module")
def embedded(planted, tmp_path_factory):
    """Level -> the table of sample b at that level, and the file of the chromosomes as AnnData."""
    folder = tmp_path_factory.mktemp("levels")
    write_index(planted.folder, planted.splits)
    assert pretrain(planted.folder, folder / "seed1", MODEL) == 0
    words = ["embed", "--model", str(folder / "seed1"), "--tiles", str(planted.folder), "--sample", "b"]
    for name, level in (("pooled.parquet", "pooled"), ("tokens.parquet", "tokens"), ("chrom.parquet", "chromosome")):
        assert run([*words, "--level", level, "--output", str(folder / name)]) == 0
    assert run([*words, "--level", "chromosome", "--split", "test", "--output", str(folder / "test.h5ad")]) == 0
    tables = {name: pd.read_parquet(folder / f"{name}.parquet") for name in ("pooled", "tokens", "chrom")}
    return tables | {"test": anndata.read_h5ad(folder / "test.h5ad")}


def test_a_chromosome_is_the_mean_of_all_its_windows(embedded):
    windows, chromosomes = embedded["pooled"], embedded["chrom"]
    assert list(chromosomes.columns[:3]) == ["sample", "chrom", "tiles"] and set(chromosomes["sample"]) == {"b"}
    counts = windows["chrom"].value_counts()
    assert chromosomes.set_index("chrom")["tiles"].to_dict() == counts.to_dict() and counts.sum() > 70, (
        "several batches"
    )
    columns = [name for name in windows if name.startswith("contacts_")]
    means = windows.groupby("chrom")[columns].mean().loc[chromosomes["chrom"]]
    np.testing.assert_allclose(chromosomes[columns], means, atol=1e-5)
    assert set(vectors_by_name(chromosomes)) == set(WINDOW)


def test_a_chromosome_of_one_split_holds_that_splits_windows_alone(embedded):
    windows, found = embedded["pooled"], embedded["test"]
    own = windows[windows["split"] == "test"]
    assert found.obs["tiles"].tolist() == own.groupby("chrom", sort=False).size().tolist()
    columns = [name for name in own if name.startswith("contacts_window_encoder_")]
    np.testing.assert_allclose(
        found.obsm["X_contacts_window_encoder"], own.groupby("chrom", sort=False)[columns].mean(), atol=1e-5
    )


def test_a_window_has_its_token_and_the_mean_of_its_patches_and_a_patch_a_row(embedded, planted):
    windows, patches = embedded["pooled"], embedded["tokens"]
    side = -(-planted.arrays.meta.tile_bins // MODEL["parameters"]["patch"])
    counts = patches.groupby(PLACE, sort=False)["modality"].value_counts().unstack()
    assert (counts["contacts_patch"] == side**2).all() and (counts["contacts_window"] == 1).all()
    at = pd.MultiIndex.from_frame(windows[PLACE])
    for modality in ("contacts_window", "contacts_patch"):
        for part, width in (("encoder", 8), ("decoder", 12)):
            columns = [f"{part}_{place}" for place in range(width)]
            own = patches[patches["modality"] == modality].groupby(PLACE)[columns].mean().loc[at]
            wanted = [f"{modality}_{name}" for name in columns]
            np.testing.assert_allclose(own, windows[wanted], atol=1e-4)
