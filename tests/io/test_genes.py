"""Gene annotations: where transcription starts, whatever the format."""

import gzip
import logging

import pytest

from chiasma.core.errors import InputError
from chiasma.io.genes import read_genes

GTF = """#!genome-build toy
1\tx\tgene\t11\t50\t.\t+\t.\tgene_id "G1"; gene_name "ALPHA";
1\tx\ttranscript\t11\t50\t.\t+\t.\tgene_id "G1"; transcript_id "T1"; gene_name "ALPHA"; tag "a"; tag "b";
1\tx\texon\t11\t20\t.\t+\t.\tgene_id "G1"; transcript_id "T1"; gene_name "ALPHA";
1\tx\ttranscript\t31\t50\t.\t+\t.\tgene_id "G1"; transcript_id "T2"; gene_name "ALPHA";
1\tx\ttranscript\t11\t40\t.\t+\t.\tgene_id "G1"; transcript_id "T3"; gene_name "ALPHA";
2\tx\tgene\t101\t200\t.\t-\t.\tgene_id "G2";
"""
ENSEMBL_GFF3 = """##gff-version 3
1\tx\tmRNA\t11\t50\t.\t-\t.\tID=transcript:T1;Parent=gene:G1;Name=ALPHA-201
1\tx\tgene\t11\t60\t.\t-\t.\tID=gene:G1;Name=ALPHA
"""
REFSEQ_GFF3 = """##gff-version 3
1\tx\tgene\t11\t60\t.\t-\t.\tID=gene-A;Name=ALPHA;gene=ALPHA
1\tx\tmRNA\t11\t60\t.\t-\t.\tID=rna-NM_1;Parent=gene-A;Name=NM_1;gene=ALPHA
1\tx\tlnc_RNA\t1\t9\t.\t+\t.\tID=rna-NR_1;Parent=gene-B;Name=NR_1;gene=BETA
1\tx\tgene\t1\t9\t.\t+\t.\tID=gene-B;Name=BETA;gene=BETA
"""
SGD_GFF = """##gff-version 3
I\tSGD\tgene\t1\t60\t.\t+\t.\tID=YAL1W;Name=YAL1W
I\tSGD\tmRNA\t1\t60\t.\t+\t.\tID=YAL1W_mRNA;Name=YAL1W_mRNA;Parent=YAL1W
I\tSGD\tgene\t71\t80\t.\t-\t.\tID=YAL2C;Name=YAL2C;gene=duo%282%29
I\tSGD\tARS\t1\t9\t.\t.\t.\tID=ARS1
###
##FASTA
>I
ACGT
"""


def read(folder, name, text):
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return list(read_genes(path)[["chrom", "start", "end", "name", "strand"]].itertuples(index=False, name=None))


@pytest.mark.parametrize("name", ["g.bed", "g.BED.gz"])
def test_a_bed_interval_starts_at_its_first_base_or_on_minus_at_its_last(tmp_path, name):
    text = "1\t10\t50\tALPHA\t0\t+\n1\t10\t50\tBETA\t0\t-\n1\t70\t71\tGAMMA\t0\t-\n1\t80\t81\tDELTA\t0\t.\n"
    assert read(tmp_path, name, text) == [
        ("1", 10, 11, "ALPHA", "+"),
        ("1", 49, 50, "BETA", "-"),
        ("1", 70, 71, "GAMMA", "-"),
        ("1", 80, 81, "DELTA", "."),
    ]


def test_a_start_of_a_gene_stands_there_once_two_genes_may_share_one(tmp_path):
    text = "chrom\tstart\tend\tname\tscore\tstrand\n1\t10\t50\tA\t7\t+\n1\t10\t90\tA\t9\t+\n1\t10\t50\tB\t0\t+\textra\n"
    assert read(tmp_path, "g.bed", text) == [("1", 10, 11, "A", "+"), ("1", 10, 11, "B", "+")]
    assert read_genes(tmp_path / "g.bed")["score"].tolist() == [7, 0]


def test_a_gene_called_nan_is_a_gene(tmp_path):
    assert read(tmp_path, "g.bed", "1\t10\t50\tnan\t.\t+\n") == [("1", 10, 11, "nan", "+")]


@pytest.mark.parametrize("name", ["g.gtf", "g.gtf.gz"])
def test_gtf_has_the_starts_of_transcripts_and_of_genes_without_any(tmp_path, name):
    assert read(tmp_path, name, GTF) == [
        ("1", 10, 11, "ALPHA", "+"),
        ("1", 30, 31, "ALPHA", "+"),
        ("2", 199, 200, "G2", "-"),
    ]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("ensembl.gff3", ENSEMBL_GFF3, [("1", 49, 50, "ALPHA", "-")]),
        ("refseq.gff3.gz", REFSEQ_GFF3, [("1", 59, 60, "ALPHA", "-"), ("1", 0, 1, "BETA", "+")]),
        ("sgd.gff", SGD_GFF, [("I", 0, 1, "YAL1W", "+"), ("I", 79, 80, "duo(2)", "-")]),
    ],
)
def test_a_transcript_has_the_name_of_its_gene(tmp_path, name, text, expected):
    assert read(tmp_path, name, text) == expected


def test_features_without_a_strand_are_left_out_and_counted(tmp_path, caplog):
    with caplog.at_level(logging.WARNING, "chiasma"):
        rows = read(tmp_path, "g.bed", "1\t10\t50\tA\t0\t.\n1\t10\t50\tB\t0\t+\n")
    assert rows == [("1", 10, 11, "B", "+")]
    assert "1 features without a strand are left out" in caplog.text


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("g.bed", "1\t10\t50\n", "line 1: expected six columns chrom start end name score strand"),
        ("g.bed", "1\t10\t50\tA\t0\t+\n1\t9\t5\tB\t0\t+\n", "line 2: expected a start that is not behind the end"),
        ("g.bed", "1\t10\t50\tA\t0\t+\n1\tx\t5\tB\t0\t+\n", "line 2: expected whole numbers"),
        ("g.bed", "1\t10\t11\t.\t0\t+\n", "line 1: a gene without a name; expected column 4 of BED"),
        ("g.bed", "1\t10\t50\tA\t0\t.\n", "no genes with a strand"),
        ("g.bed", "", "no genes in the file"),
        ("g.gtf", "1 x gene 1 9 . + . a\n", "line 1: expected the nine tab-separated columns of GTF or GFF3"),
        ("g.gtf", '1\tx\tgene\t0\t9\t.\t+\t.\tgene_id "A";\n', "line 1: expected a start that is not behind the end"),
        ("g.gtf", '1\tx\ttranscript\t1\t9\t.\t+\t.\ttag "A";\n', "line 1: a gene without a name"),
        ("g.gff3", "1\tx\texon\t1\t9\t.\t+\t.\tID=a\n1\tx\tCDS\t1\t9\t.\t+\t.\tID=b\n", "found exon, CDS"),
    ],
)
def test_malformed(tmp_path, name, text, said):
    with pytest.raises(InputError, match=said):
        read(tmp_path, name, text)
