"""``chiasma measure_landmarks``, ``draw_reported`` and ``summarise_reported``: from tiles and a table to figure and page."""

import json
from html import escape

import pytest
from scored_study import write_run
from training_runs import run

from chiasma.io.tables import read_tsv
from chiasma.schema.rooms import room_module, room_names
from chiasma.schema.tables import LANDMARKS

FAMILIES = {name: getattr(room_module("families", name, "config"), "LANDMARKS", False) for name in room_names("families")}  # fmt: skip
MEASURED, WITHOUT = (next(name for name, has in FAMILIES.items() if has is wanted) for wanted in (True, False))
TABLE = "# window_bins: 32\nsource\tstage\tepoch\tsplit\tpart\tvalue\na lab\tpretrain\t0\tvalid\tcontrastive\t2.8\n"


def measure(files, output, family=MEASURED, **numbers):
    config = {"family": family, "sample": "a", "window_bins": 32, "patch": 8, "windows": 3} | numbers
    words = ["--tiles", files.tiles, "--splits", files.splits, "--config", json.dumps(config), "--output", output]
    return run(["measure_landmarks", *map(str, words)])


@pytest.fixture(scope="module")
def table(task_files, planted, tmp_path_factory):
    path = tmp_path_factory.mktemp("landmarks") / "theirs/landmarks.tsv"
    assert measure(task_files, path, sample=planted.arrays.meta.samples[0]) == 0
    return path


def test_the_model_is_named_by_the_path_and_the_windows_by_their_size(table):
    rows = read_tsv(table, LANDMARKS)
    assert set(rows["model"]) == {"theirs"} and set(rows["n"]) == {3}
    assert set(rows["window_bins"]) == {32} and set(rows["patches"]) == {16}
    assert ((rows["low"] <= rows["value"] + 1e-9) & (rows["value"] <= rows["high"] + 1e-9)).all()


def test_a_window_wider_than_the_band_is_narrowed_and_the_table_says_so(task_files, planted, tmp_path):
    meta = planted.arrays.meta
    assert measure(task_files, tmp_path / "m/landmarks.tsv", sample=meta.samples[0], window_bins=8000, windows=1) == 0
    (width,) = set(read_tsv(tmp_path / "m/landmarks.tsv", LANDMARKS)["window_bins"])
    assert width <= meta.band_bins and width % 8 == 0 and width > 32


def test_a_family_without_landmarks_is_refused(task_files, tmp_path, capsys):
    assert measure(task_files, tmp_path / "m/landmarks.tsv", WITHOUT) == 1
    assert f"family '{WITHOUT}' measures no landmarks" in capsys.readouterr().err


def test_figure_and_page_are_made_of_the_tables(table, tmp_path):
    (tmp_path / "losses.tsv").write_text(TABLE)
    words = ["--reported", str(tmp_path / "losses.tsv"), "--landmarks", str(table)]
    folder = write_run(tmp_path / "pretrain/ours/seed1")
    figure, page = tmp_path / "reported.svg", tmp_path / "reported.html"
    assert run(["draw_reported", *words, "--run", str(folder), "--output", str(figure)]) == 0
    assert {"loss", "landmark", "share left"} == {
        line.split("\t")[0] for line in figure.with_suffix(".tsv").read_text().splitlines()[1:]
    }
    config = json.dumps({"study": "s", "model": "theirs", "family": MEASURED, "window_bins": 32, "patch": 8})
    assert run(["summarise_reported", *words, "--figure", str(figure), "--config", config, "--output", str(page)]) == 0
    html = page.read_text()
    words = room_module("families", MEASURED, "landmark_words")
    told = [words.CORRECTED, words.CAUTION, words.MEANINGS["contrastive"]]
    for text in (*told, *(words.PREDICTIONS[name] for name in set(read_tsv(table, LANDMARKS)["landmark"]))):
        assert escape(text) in html
    assert "4 × 4 = 16 patches" in html and "data:image/svg+xml" in html and str(tmp_path) not in html
