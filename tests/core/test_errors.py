"""Messages say what was found, what is known, and the nearest right word."""

import pytest

from chiasma.core.errors import ChiasmaError, ConfigError, check_keys, nearest, unknown


@pytest.mark.parametrize(
    ("word", "guess"), [("resolution_pb", "resolution_bp"), ("trak_bp", "track_bp"), ("zzz", None), ("", None)]
)
def test_the_nearest_option_is_found_when_one_is_near(word, guess):
    assert nearest(word, ["resolution_bp", "track_bp", "seeds"]) == guess


def test_an_unknown_word_is_phrased_with_place_guess_and_options():
    assert (
        unknown("key", "sede", ["seed", "title"], "x.yaml")
        == "x.yaml: unknown key 'sede'; did you mean 'seed'? (known: seed, title)"
    )
    assert unknown("key", "q", [], "x.yaml") == "x.yaml: unknown key 'q' (known: none)"


def test_known_keys_pass_and_the_first_unknown_one_is_named():
    check_keys(["a", "b"], ["a", "b", "c"], "x")
    with pytest.raises(ConfigError, match="unknown key 'd'"):
        check_keys(["a", "d", "e"], ["a"], "x")


def test_a_users_error_is_a_value_error():
    assert issubclass(ConfigError, ChiasmaError)
    assert issubclass(ChiasmaError, ValueError)
