"""The sample sheet and the dataset table: every refusal says the file and the line."""

from pathlib import Path

import pytest

from chiasma.core.errors import ConfigError
from chiasma.schema.samples import kind_of, read_datasets, read_samples

HEADER = "sample\tassay\tdataset\tassembly"
COLUMNS = ("name", "version", "file", "url", "bytes", "sha256", "licence", "citation", "processing")
GOOD = ("hic", "1", "x.hic", "https://example.org/x.hic", "9", "a" * 64, "CC0", "none", "verbatim")


@pytest.fixture
def sheet(tmp_path):
    for name in ("x.bw", "x.gtf.gz"):
        (tmp_path / name).touch()

    def read(*lines, made=frozenset()):
        (tmp_path / "sheet.tsv").write_text("\n".join(lines) + "\n")
        return read_samples("sheet.tsv", table(tmp_path), set(made), tmp_path)

    return read


def table(folder, *rows):
    rows = rows or (GOOD,)
    (folder / "datasets.tsv").write_text("\n".join("\t".join(row) for row in (COLUMNS, *rows)) + "\n")
    return read_datasets(folder / "datasets.tsv")


def test_datasets_local_files_and_files_yet_to_be_made_are_found(sheet):
    rows = sheet(
        HEADER,
        "a\tcontacts\thic\tg",
        "",
        "# a note",
        "a\tatac\tx.bw\tg",
        "a\tloops\traw/a.bedpe\tg",
        made=[Path("raw/a.bedpe")],
    )
    assert [(row.assay, row.kind, str(row.path)) for row in rows] == [
        ("contacts", "contacts", "resources/raw/hic/x.hic"),
        ("atac", "signal", "x.bw"),
        ("loops", "loops", "raw/a.bedpe"),
    ]


@pytest.mark.parametrize("newline", ["\r\n", "\n"])
def test_a_sheet_from_a_spreadsheet_reads_alike(tmp_path, newline):
    (tmp_path / "x.bw").touch()
    text = newline.join(["\ufeff" + HEADER, "a\tatac\tx.bw\tg"])
    (tmp_path / "sheet.tsv").write_bytes(text.encode())
    (row,) = read_samples("sheet.tsv", {}, set(), tmp_path)
    assert (row.sample, row.assembly) == ("a", "g")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([HEADER, "a\tcontacts\thicc\tg"], "sheet.tsv line 2: unknown dataset 'hicc'; did you mean 'hic'?"),
        ([HEADER, "# note", "a\tatac\tgone.bw\tg"], "sheet.tsv line 3: file 'gone.bw' does not exist"),
        ([HEADER, "a\tatac\tx.bw\tg", "a\tatac\tx.bw\tg"], "line 3: sample 'a' has assay 'atac' twice"),
        ([HEADER, "a\tatac\tx.bw"], "line 2: expected 4 tab-separated fields"),
        ([HEADER, "a\tatac\tx.bw\tg\tmore"], "line 2: expected 4 tab-separated fields"),
        ([HEADER, "a b\tatac\tx.bw\tg"], "line 2: sample 'a b' may hold letters, digits"),
        ([HEADER, "a.b\tatac\tx.bw\tg"], "sample 'a.b' may hold"),
        ([HEADER, "a\tcontacts\tx.bw\tg"], "assay 'contacts' names signal file 'x.bw'"),
        ([HEADER, "a\tgenes\tx.bw\tg"], "assay 'genes' names signal file 'x.bw'"),
        ([HEADER, "a\ttss\tx.gtf.gz\tg"], "assay 'tss' names genes file 'x.gtf.gz'; gene annotations, and only they"),
        ([HEADER, "a\tgenes\thic\tg"], "assay 'genes' names contacts file 'resources/raw/hic/x.hic'"),
        (
            [HEADER, "a\tstates\tx.bw\tg"],
            "assay 'states' names signal file 'x.bw'; BED files of chromatin states, and only they",
        ),
        ([HEADER, "a\tmap\thic\tg"], "Hi-C files, and only they, are assay 'contacts'"),
        (["sample\tassay\tdatset\tassembly"], "unknown key 'datset'; did you mean 'dataset'?"),
        (["sample\tassay\tdataset"], "column assembly is missing"),
        ([HEADER], "the sample sheet has no rows"),
    ],
)
def test_a_wrong_row_is_named_with_its_line(sheet, lines, said):
    with pytest.raises(ConfigError) as caught:
        sheet(*lines)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("bytes", "many", "bytes must be a whole number"),
        ("sha256", "abc", "sha256 64 hexadecimal digits"),
        ("bytes", "unknown", "sha256 is known, so bytes are as well"),
        ("name", "a/b", "name 'a/b' may hold"),
    ],
)
def test_a_malformed_dataset_is_named_with_its_line(tmp_path, field, value, said):
    row = [value if name == field else old for name, old in zip(COLUMNS, GOOD, strict=True)]
    with pytest.raises(ConfigError) as caught:
        table(tmp_path, row)
    assert said in str(caught.value)
    assert "datasets.tsv line 2" in str(caught.value)


def test_what_nobody_has_downloaded_yet_is_said_to_be_unknown(tmp_path):
    rows = [("a", *GOOD[1:4], "9", "unknown", *GOOD[6:]), ("b", *GOOD[1:4], "unknown", "unknown", *GOOD[6:])]
    found = table(tmp_path, *rows)
    assert (found["a"].bytes, found["a"].sha256) == (9, None)
    assert (found["b"].bytes, found["b"].sha256) == (None, None)
    made = table(tmp_path, ("a", *GOOD[1:4], "unknown", "unknown", *GOOD[6:8], "derived: by hand"))
    assert (made["a"].bytes, made["a"].sha256, made["a"].processing) == (None, None, "derived: by hand")


def test_a_dataset_may_not_stand_there_twice(tmp_path):
    with pytest.raises(ConfigError, match="line 3: dataset 'hic' stands there twice"):
        table(tmp_path, GOOD, GOOD)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.hic", "contacts"),
        ("A.MCOOL", "contacts"),
        ("x.narrowPeak.gz", "peaks"),
        ("x.bedpe.gz", "loops"),
        ("x.BigWig", "signal"),
        ("g.fa", "sequence"),
    ],
)
def test_the_suffix_says_what_a_file_holds(name, kind):
    assert kind_of(name, "here") == kind


@pytest.mark.parametrize("name", ["g.bed", "g.BED.gz", "g.gtf.gz", "g.gff3", "g.gff.gz"])
def test_an_annotation_holds_genes_and_a_bed_file_states_by_its_assay_or_peaks(name):
    assert kind_of(name, "here", "genes") == "genes"
    assert kind_of(name, "here", "states") == ("states" if ".bed" in name.lower() else "genes")
    assert kind_of(name, "here", "atac_peaks") == ("peaks" if ".bed" in name.lower() else "genes")


def test_an_unknown_suffix_lists_the_known_ones():
    with pytest.raises(ConfigError, match=r"here: cannot tell what 'x.doc' holds.*\.hic"):
        kind_of("x.doc", "here")
