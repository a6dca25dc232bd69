"""Text in drawings: what our face lacks is drawn with another, or shown as a square."""

import pytest

from trialkit.present.canvas import drawable, drawing, new_sheet, text_width, write


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("0–10 scale", "0–10 scale"),
        ("冥想 and", "□□ and"),
        ("Pain 😀", "Pain 😀"),
        ("a\tb\nc", "a b c"),
        ("\u202earm", "arm"),
        ("\ue000\x07", "□□"),
    ],
)
@pytest.mark.parametrize("across", ["left", "center", "right"])
def test_every_text_can_be_drawn(text, shown, across):
    assert drawable(text, bold=False) == shown
    with drawing():
        sheet = new_sheet(100, 30)
        write(sheet, 50, 20, text, across=across)
        assert "<path" in sheet.to_svg("x")


def test_a_line_in_two_faces_is_as_wide_as_its_parts():
    assert text_width("ab 冥") == pytest.approx(text_width("ab ") + text_width("冥"))
