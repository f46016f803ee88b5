"""Both strands, as text and as codes."""

from hypothesis import given, settings
from hypothesis import strategies as st

from chiasma.genome.sequence import from_codes, reverse_complement, reverse_complement_codes, to_codes

dna = st.text("ACGTN", max_size=40)


def test_reverse_complement_by_hand():
    assert reverse_complement("AACGtn") == "naCGTT"
    assert to_codes("ACGTNacgtR").tolist() == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4]


@settings(max_examples=50, deadline=None)
@given(dna)
def test_codes_and_text_agree_and_twice_is_the_same(sequence):
    assert from_codes(to_codes(sequence)) == sequence
    assert from_codes(reverse_complement_codes(to_codes(sequence))) == reverse_complement(sequence)
    assert reverse_complement(reverse_complement(sequence)) == sequence
