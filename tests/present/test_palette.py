"""Colours can be read on their paper, light and dark, and belong to arms."""

from itertools import combinations

import pytest

from present import sample
from trialkit.present import palette


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""
    channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours (WCAG 2.2)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_computed_as_the_standard_does():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)


@pytest.mark.parametrize("colour", [*palette.ARM_COLOURS, palette.INK, palette.MUTED])
def test_colours_reach_4_5_on_white(colour):
    assert contrast(colour, palette.PAPER) >= 4.5


@pytest.mark.parametrize("colour", [*palette.ARM_COLOURS, palette.INK, palette.MUTED])
@pytest.mark.parametrize("paper", [palette.PAPER, palette.TINT])
def test_words_reach_4_5_on_both_papers(colour, paper):
    words = palette.text_colour(colour)

    assert contrast(words, paper) >= 4.5
    assert contrast(palette.DARK[words], palette.DARK[paper]) >= 4.5


@pytest.mark.parametrize("paper", [palette.PAPER, palette.TINT])
def test_lines_reach_3_on_both_papers(paper):
    assert contrast(palette.LINE, paper) >= 3
    assert contrast(palette.DARK[palette.LINE], palette.DARK[paper]) >= 3


# Machado, Oliveira and Fernandes (2009), full severity; linear RGB in and out.
BLINDNESS = {
    "none": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deutan": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritan": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
WHITE = (0.9505, 1.0, 1.089)


def times(matrix, vector):
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


def lab(colour: str, blindness: str) -> list[float]:
    """Return CIE L*a*b* of a colour as it is seen."""
    channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    seen = [min(max(c, 0), 1) for c in times(BLINDNESS[blindness], linear)]
    x, y, z = (
        t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116
        for t in (value / white for value, white in zip(times(XYZ, seen), WHITE, strict=True))
    )
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)]


@pytest.mark.parametrize("blindness", BLINDNESS)
@pytest.mark.parametrize("dark", [False, True])
def test_arms_stay_apart_for_the_colour_blind(blindness, dark):
    colours = [palette.DARK[c] if dark else c for c in palette.ARM_COLOURS]

    for one, other in combinations(colours, 2):
        a, b = lab(one, blindness), lab(other, blindness)
        distance = sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) ** 0.5
        # Ten times a just noticeable difference of about 1.5.
        assert distance > 15, (one, other)


def test_the_treatment_asked_about_is_teal_and_its_comparator_rust():
    study = sample.study({"usual": "Usual care", "book": "Book", "mind": "Mindfulness"})
    estimand = study.estimand[0].model_copy(update={"treatment": "mind", "reference": "usual"})
    study = study.model_copy(update={"estimand": (estimand,)})

    assert palette.arm_colours(study) == {
        "usual": palette.RUST,
        "book": palette.VIOLET,
        "mind": palette.TEAL,
    }


def test_a_theme_replaces_every_colour_and_keeps_it_as_fallback():
    themed = palette.themed(f'<path style="fill: {palette.TEAL}"/>')

    assert themed == f'<path style="fill: var(--ink-0b6e74, {palette.TEAL})"/>'
    assert palette.dark_theme()["--ink-0b6e74"] == palette.DARK[palette.TEAL]
