"""The numbers of a simulated study, and the files it consists of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chiasma.core.errors import unknown
from chiasma.genome.bins import count_bins

TRACKS = {  # by biology
    "vertebrate": ("atac", "dnase", "ctcf", "h3k27ac", "cage"),
    "plant": ("atac", "h3k27ac", "h3k27me3", "h3k9me2", "cage"),
}
STUDY_FILES = ("assembly.tsv", "genome.fa", "genes.bed", "truth/sites.bed", "truth/motifs.bed")
REGIONS = "truth/regions.bed"  # of a plant's genome
SAMPLE_TABLES = (
    "{sample}.atac.narrowPeak", "truth/{sample}.compartments.bedgraph", "truth/{sample}.expression.tsv",
)  # fmt: skip
OWN_TABLES = {  # by biology
    "vertebrate": ("{sample}.chiapet.bedpe", "truth/{sample}.loops.bedpe", "truth/{sample}.domains.bed"),
    "plant": ("truth/{sample}.polycomb.bedpe", "truth/{sample}.knots.bedpe", "truth/{sample}.states.bed"),
}
MOST_CENTRE = 0.6  # share of a chromosome that leaves it arms
MATRIX_BINS = 12_000  # a plant's chromosome is held as a whole matrix, 4 bytes a pixel, a few times over
FRACTIONS = (
    "compartment_flip", "ctcf_unbound", "ctcf_strong", "ctcf_specific", "enhancer_specific", "promoter_specific",
    "loop_promoter_stall", "contacts_cis", "contacts_unmappable", "label_recall", "label_false", "centre_fraction",
    "centre_depletion", "polycomb_specific",
)  # fmt: skip
GAINS = ("centre_gain", "centre_trans", "polycomb_gain", "knot_gain")


@dataclass(frozen=True)
class Config:
    """The numbers of a simulated study; the prefix of a key names the part it belongs to.

    Both biologies read all keys but those of the other one's parts: ``ctcf_unbound``, ``ctcf_strong``, ``ctcf_specific``,
    ``compartment_strength``, ``loop_*``, ``label_*`` and ``contacts_band_bp`` are a vertebrate's, ``centre_*``, ``arm_*``,
    ``polycomb_*`` and ``knot_*`` a plant's.

    Attributes
    ----------
    chromosomes : chromosome -> length in bp
    samples : names of the cell types
    seed : seed of everything
    biology : vertebrate, whose cohesin makes loops and domains between CTCF sites; or plant, where nothing binds those motifs,
        heterochromatin is one large centre of each chromosome, and Polycomb domains and knots on the arms touch over any distance
    resolution_bp : bin size of contacts, loops and compartments
    genome_gc : GC content of the poorest and of the richest isochore
    genome_satellite_bp : length of the centromere-like repeat in the middle of each chromosome; it has no contacts
    genome_unknown_bp : length of the stretch of N at either end of each chromosome
    motif_ctcf : JASPAR matrix of CTCF
    motifs_promoter : JASPAR matrices of factors at promoters
    motifs_enhancer : JASPAR matrices of factors at enhancers that are active in all cell types
    motifs_specific : JASPAR matrices of factors that open enhancers of one cell type; dealt to the samples in turn
    compartment_block_bp : mean length of a compartment
    compartment_flip : probability that a compartment differs from the shared one in a cell type
    compartment_strength : contacts of two A or two B regions are exp(strength) times the decay, of A and B exp(-strength)
    ctcf_spacing_bp : mean distance of neighbouring CTCF sites; each is a planted motif
    ctcf_unbound : fraction of CTCF motifs that are never bound
    ctcf_strong : fraction of sites that stall cohesin with a probability near 0.85; the others stall it near 0.17
    ctcf_specific : fraction of bound sites that are bound in some cell types only
    enhancer_spacing_bp : mean distance of neighbouring enhancers
    enhancer_specific : fraction of enhancers that are active in one cell type only
    promoter_spacing_bp : mean distance of neighbouring promoters
    promoter_specific : fraction of promoters that are active in some cell types only
    loop_processivity_bp : mean length of DNA one cohesin extrudes where nothing stalls it
    loop_stability : lifetime of a cohesin stalled on both sides, in lifetimes of a moving one
    loop_weight : contacts cohesin brings, relative to the decay's contacts at 100 kb
    loop_promoter_stall : probability that an active promoter stalls cohesin of either direction
    loop_min_enrichment : a true loop has at least this ratio of expected contacts at its pixel to those around it
    loop_min_distance_bins : smallest distance of a true loop
    loop_max_distance_bp : largest distance of a true loop
    contacts : contacts per sample
    contacts_resolutions_bp : bin sizes in the contact files
    contacts_hic : samples whose contacts are written as .hic beside .mcool (a slow format to write); null for all
    contacts_cis : fraction of contacts within chromosomes
    contacts_decay : contacts fall with distance s as s to the power of minus this, cohesin's contacts left aside
    contacts_band_bp : loops and compartments shape contacts up to this distance; beyond it only decay and compartments do
    contacts_dispersion : variance of a pixel is mean + dispersion * mean ** 2 (0 is Poisson)
    contacts_bias : standard deviation of the log of a bin's visibility, beside that of restriction sites and GC content
    contacts_unmappable : fraction of bins outside the satellite that no read maps to
    signal_bp : bin size of the tracks in bigWig files
    signal_background : mean background fragments per kb
    signal_gain : multiplier of all peaks' fragments
    signal_noise : standard deviation of the log of a site's height, in each assay and cell type
    signal_peak_p : a bin whose count is this improbable as background belongs to a peak
    label_recall : probability that a strong true loop is in the ChIA-PET file; a weaker one is less often
    label_false : fraction of ChIA-PET pairs that are no true loop
    label_jitter_bp : standard deviation of an anchor's place in the ChIA-PET file
    expression_enhancers : weight of contacting enhancers in a gene's expression, relative to its promoter
    expression_noise : standard deviation of the log of expression
    centre_fraction : share of a plant's chromosome that is its heterochromatic centre, around the satellite; few genes lie there
    centre_gain : contacts within a centre over the decay, beyond about 150 kb
    centre_depletion : contacts of a centre with the arms over the decay, and over those of two arms between chromosomes
    centre_trans : contacts of two chromosomes' centres over those of two arms
    centre_edge_bp : standard deviation of a centre's border over cells
    arm_strength : as compartment_strength, for compartments on a plant's arms
    polycomb_spacing_bp : mean distance of neighbouring Polycomb domains (H3K27me3) on a plant's arms
    polycomb_length_bp : mean length of a Polycomb domain
    polycomb_networks : each domain is of one of so many networks; those of one touch each other, on any chromosome
    polycomb_gain : contacts of two domains of a network, both of the greatest strength, over those of their surroundings
    polycomb_specific : fraction of domains that are there in some cell types only
    polycomb_min_distance_bp : smallest distance of a true pair of Polycomb domains
    knot_count : knots on each chromosome of a plant, spread over its arms; all knots touch each other
    knot_length_bp : length of a knot
    knot_gain : contacts of two knots of the greatest strength over those of their surroundings
    """

    chromosomes: dict[str, int]
    contacts: int
    samples: tuple[str, ...] = ("alpha", "beta")
    seed: int = 1
    biology: Literal["vertebrate", "plant"] = "vertebrate"
    resolution_bp: int = 5000
    genome_gc: tuple[float, ...] = (0.37, 0.5)
    genome_satellite_bp: int = 300_000
    genome_unknown_bp: int = 10_000
    motif_ctcf: str = "MA0139.1"
    motifs_promoter: tuple[str, ...] = ("MA0079.5", "MA0506.3", "MA0095.4", "MA0060.4")
    motifs_enhancer: tuple[str, ...] = ("MA0099.4", "MA0809.3", "MA0102.5")
    motifs_specific: tuple[str, ...] = ("MA0035.5", "MA0080.7", "MA0114.5", "MA0148.5")
    compartment_block_bp: int = 600_000
    compartment_flip: float = 0.15
    compartment_strength: float = 0.35
    ctcf_spacing_bp: int = 50_000
    ctcf_unbound: float = 0.25
    ctcf_strong: float = 0.42
    ctcf_specific: float = 0.25
    enhancer_spacing_bp: int = 12_000
    enhancer_specific: float = 0.5
    promoter_spacing_bp: int = 60_000
    promoter_specific: float = 0.3
    loop_processivity_bp: int = 180_000
    loop_stability: float = 1.2
    loop_weight: float = 0.5
    loop_promoter_stall: float = 0.06
    loop_min_enrichment: float = 2.0
    loop_min_distance_bins: int = 4
    loop_max_distance_bp: int = 1_000_000
    contacts_resolutions_bp: tuple[int, ...] = (5000, 25_000, 100_000)
    contacts_hic: tuple[str, ...] | None = None
    contacts_cis: float = 0.9
    contacts_decay: float = 0.9
    contacts_band_bp: int = 2_500_000
    contacts_dispersion: float = 0.03
    contacts_bias: float = 0.12
    contacts_unmappable: float = 0.02
    signal_bp: int = 50
    signal_background: float = 8.0
    signal_gain: float = 1.0
    signal_noise: float = 0.5
    signal_peak_p: float = 1e-5
    label_recall: float = 0.85
    label_false: float = 0.12
    label_jitter_bp: int = 1500
    expression_enhancers: float = 1.0
    expression_noise: float = 0.3
    centre_fraction: float = 0.25
    centre_gain: float = 2.0
    centre_depletion: float = 0.5
    centre_trans: float = 3.0
    centre_edge_bp: int = 40_000
    arm_strength: float = 0.12
    polycomb_spacing_bp: int = 120_000
    polycomb_length_bp: int = 15_000
    polycomb_networks: int = 4
    polycomb_gain: float = 4.0
    polycomb_specific: float = 0.3
    polycomb_min_distance_bp: int = 100_000
    knot_count: int = 2
    knot_length_bp: int = 15_000
    knot_gain: float = 12.0

    def __post_init__(self) -> None:
        """Refuse numbers that contradict each other."""
        self._check_genome()
        self._check_samples()
        self._check_bins()
        for name in FRACTIONS:
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name}: expected a fraction between 0 and 1, found {getattr(self, name)}")
        if self.contacts <= 0 or self.contacts_cis == 0:
            raise ValueError(
                f"contacts, contacts_cis: expected more than 0, found {self.contacts} and {self.contacts_cis}"
            )
        if self.label_false == 1:
            raise ValueError("label_false: expected less than 1; pairs that are all false label nothing")
        if self.biology == "plant":
            self._check_plant()

    def _check_genome(self) -> None:
        least = 4 * max(self.genome_satellite_bp, 50 * self.resolution_bp)
        if not self.chromosomes:
            raise ValueError("chromosomes: expected names with lengths in bp, found none")
        for chrom, length in self.chromosomes.items():
            if length < least:
                raise ValueError(
                    f"chromosomes: '{chrom}' has {length} bp; expected at least {least}: four times the satellite and 200 bins"
                )

    def _check_plant(self) -> None:
        for name in GAINS:
            if getattr(self, name) < 1:
                raise ValueError(
                    f"{name}: expected at least 1, contacts over those without it, found {getattr(self, name)}"
                )
        if not self.centre_depletion > 0 or self.centre_fraction > MOST_CENTRE:
            raise ValueError(
                f"centre_depletion, centre_fraction: expected more than 0 and at most {MOST_CENTRE}, "
                f"found {self.centre_depletion} and {self.centre_fraction}"
            )
        if self.polycomb_networks < 1 or self.knot_count < 0:
            raise ValueError(
                "polycomb_networks, knot_count: expected at least 1 and 0, "
                f"found {self.polycomb_networks} and {self.knot_count}"
            )
        for chrom, length in self.chromosomes.items():
            if count_bins(length, self.resolution_bp) > MATRIX_BINS:
                raise ValueError(
                    f"chromosomes: '{chrom}' has {count_bins(length, self.resolution_bp)} bins; a plant's chromosome may have "
                    f"{MATRIX_BINS}, raise resolution_bp"
                )

    def _check_samples(self) -> None:
        if not self.samples or len(set(self.samples)) < len(self.samples):
            raise ValueError(f"samples: expected different names, found {list(self.samples)}")
        for sample in self.contacts_hic or ():
            if sample not in self.samples:
                raise ValueError(unknown("sample", sample, self.samples, "contacts_hic"))

    def _check_bins(self) -> None:
        sizes = list(self.contacts_resolutions_bp)
        if self.resolution_bp not in sizes:
            raise ValueError(f"contacts_resolutions_bp: must hold resolution_bp {self.resolution_bp}, found {sizes}")
        if any(size % self.resolution_bp for size in sizes):
            raise ValueError(f"contacts_resolutions_bp: expected multiples of {self.resolution_bp}, found {sizes}")
        if self.resolution_bp % self.signal_bp:
            raise ValueError(f"signal_bp: {self.signal_bp} does not divide resolution_bp {self.resolution_bp}")


def hic_samples(config: Config) -> tuple[str, ...]:
    """Return the samples whose contacts are also written as .hic."""
    return config.samples if config.contacts_hic is None else config.contacts_hic


def file_names(config: Config) -> list[str]:
    """Return every file that simulating ``config`` writes, relative to its output directory; ``truth/`` holds what is true."""
    tracks = (f"{{sample}}.{track}.bw" for track in TRACKS[config.biology])
    own = ("{sample}.mcool", *tracks, *SAMPLE_TABLES, *OWN_TABLES[config.biology])
    samples = [name.format(sample=sample) for sample in config.samples for name in own]
    regions = [REGIONS] if config.biology == "plant" else []
    return [*STUDY_FILES, *regions, *samples, *(f"{sample}.hic" for sample in hic_samples(config))]
