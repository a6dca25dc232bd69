"""The styles of the Word report: the type scale and colours of the printed one, by name.

Nothing in the text is formatted by hand, so that whoever edits the file changes a style
once. The styles are written anew and the hundreds of Word's own template are left out.
"""

from dataclasses import dataclass
from typing import Final, Literal

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.oxml.xmlchemy import BaseOxmlElement

from trialkit.language.speech import spoken
from trialkit.present import palette
from trialkit.report.fonts import SANS, SERIF

LANGUAGES: Final = {"en": "en-GB", "de": "de-DE"}  # with the custom a dictionary needs
MONO: Final = "Consolas"
BULLET_NUMBER: Final = 1  # of the one list definition
INK, MUTED, TINT = (colour.lstrip("#") for colour in (palette.INK, palette.MUTED, palette.TINT))
ACCENT, AGAINST = palette.TEAL.lstrip("#"), palette.RUST_TEXT.lstrip("#")
WARNING, WARNING_TINT, WARNING_EDGE = (
    colour.lstrip("#").upper()
    for colour in (palette.WARNING, palette.WARNING_TINT, palette.WARNING_EDGE)
)
TABLE_STYLE: Final = "ReportTable"

Kind = Literal["paragraph", "character"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """A style: its name in Word's list, what it rests on, and its properties as XML."""

    name: str
    kind: Kind = "paragraph"
    based: str | None = "Normal"
    then: str | None = None
    paragraph: str = ""
    text: str = ""

    @property
    def id(self) -> str:
        """The name in one word, by which paragraphs refer to a style."""
        return "".join(word[:1].upper() + word[1:] for word in self.name.split())


def language_tag() -> str:
    """Return the language that is spoken as a file names it."""
    return LANGUAGES.get(spoken(), spoken())


def face(name: str) -> str:
    """Return the property that sets a typeface for every script it may have."""
    return f'<w:rFonts w:ascii="{name}" w:hAnsi="{name}" w:eastAsia="{name}" w:cs="{name}"/>'


def type_(
    size: float | None = None,
    *,
    font: str | None = None,
    bold: bool = False,
    colour: str | None = None,
) -> str:
    """Return properties of text in the order of the schema; sizes are points."""
    return "".join(
        [
            face(font) if font else "",
            "<w:b/><w:bCs/>" if bold else "",
            f'<w:color w:val="{colour}"/>' if colour else "",
            f'<w:sz w:val="{2 * size:.0f}"/><w:szCs w:val="{2 * size:.0f}"/>' if size else "",
        ]
    )


def spaced(before: float, after: float, line: float | None = None) -> str:
    """Return the space around a paragraph in points, and its lines as a multiple."""
    lines = f' w:line="{240 * line:.0f}" w:lineRule="auto"' if line else ""
    return f'<w:spacing w:before="{20 * before:.0f}" w:after="{20 * after:.0f}"{lines}/>'


def boxed(fill: str, edge: str | None = None) -> str:
    """Return a tinted box; neighbours of one box share its edges and close up."""
    sides = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="6" w:color="{fill}"/>'
        for side in ("top", "left", "bottom", "right")
    )
    if edge:
        sides = f'<w:left w:val="single" w:sz="18" w:space="6" w:color="{edge}"/>'
    return f'<w:pBdr>{sides}</w:pBdr><w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>'


KEEP: Final = "<w:keepNext/><w:keepLines/>"
INSET: Final = '<w:ind w:left="160" w:right="160"/>'
KEY: Final = "<w:keepNext/>" + boxed(TINT)


def outline(level: int) -> str:
    """Return the place of a heading in the outline, 0 for the first level."""
    return f'<w:outlineLvl w:val="{level}"/>'


STYLES: Final = (
    Style(
        name="Title",
        then="Normal",
        paragraph=KEEP + spaced(2, 6, 1.05),
        text=type_(20, font=SERIF, bold=True),
    ),
    Style(name="Subtitle", paragraph=spaced(2, 6), text=type_(colour=MUTED)),
    Style(
        name="heading 1",
        then="Normal",
        paragraph=KEEP + spaced(18, 6) + outline(0),
        text=type_(14, font=SERIF, bold=True),
    ),
    Style(
        name="heading 2",
        then="Normal",
        paragraph=KEEP + spaced(12, 4) + outline(1),
        text=type_(10, font=SANS, bold=True),
    ),
    Style(
        name="heading 3",
        then="Normal",
        paragraph=KEEP + spaced(10, 3) + outline(2),
        text=type_(9.5, font=SANS, bold=True, colour=MUTED),
    ),
    Style(
        name="Front Heading",
        based="Heading1",
        then="Normal",
        paragraph=KEEP + spaced(10, 3) + outline(0),
        text=type_(8.5, font=SANS, bold=True, colour=MUTED),
    ),
    Style(
        name="caption",
        then="Normal",
        paragraph=KEEP + spaced(12, 4),
        text=type_(8.5, font=SANS, bold=True),
    ),
    Style(name="Lead", then="Normal", paragraph="<w:keepNext/>"),
    Style(name="Label", paragraph=spaced(0, 2), text=type_(8.5, font=SANS, colour=MUTED)),
    Style(
        name="toc 1",
        paragraph='<w:tabs><w:tab w:val="right" w:leader="dot" w:pos="9638"/></w:tabs>'
        + spaced(0, 2),
        text=type_(8.5, font=SANS),
    ),
    Style(name="Small Text", paragraph=spaced(6, 5), text=type_(8.5, font=SANS)),
    Style(
        name="List Bullet",
        paragraph=f'<w:numPr><w:numId w:val="{BULLET_NUMBER}"/></w:numPr>' + spaced(0, 3),
    ),
    Style(name="Badges", paragraph=spaced(6, 8, 1.5), text=type_(8.5, font=SANS)),
    Style(
        name="Headline",
        paragraph=KEY + spaced(10, 4) + INSET,
        text=type_(20, font=SANS, bold=True, colour=ACCENT),
    ),
    Style(
        name="Open Headline",
        paragraph=KEY + spaced(10, 4) + INSET,
        text=type_(15, font=SANS, bold=True),
    ),
    Style(name="Key Text", paragraph=KEY + spaced(3, 3) + INSET),
    Style(name="Key Figure", paragraph=boxed(TINT) + spaced(3, 8) + INSET),
    Style(name="Figure", paragraph="<w:keepLines/>" + spaced(2, 8)),
    Style(name="Table Text", paragraph=spaced(2, 2, 1), text=type_(8.5, font=SANS)),
    Style(name="Table Text Small", based="TableText", text=type_(8)),
    Style(name="Table Text Dense", based="TableText", text=type_(7.5)),
    Style(name="Table Note", paragraph=spaced(3, 2, 1), text=type_(8, font=SANS, colour=MUTED)),
    Style(name="Table End", paragraph=spaced(0, 4, 1), text=type_(4)),
    Style(
        name="Callout",
        paragraph="<w:keepLines/>" + boxed(TINT, MUTED) + spaced(8, 8) + INSET,
        text=type_(9, font=SANS),
    ),
    Style(name="Callout Strength", based="Callout", paragraph=boxed(TINT, ACCENT)),
    Style(name="Callout Against", based="Callout", paragraph=boxed(TINT, AGAINST)),
    Style(name="Callout Warning", based="Callout", paragraph=boxed(WARNING_TINT, WARNING_EDGE)),
    Style(name="Code", paragraph=boxed(TINT) + spaced(6, 8) + INSET, text=type_(7.5, font=MONO)),
    Style(
        name="header",
        paragraph=f'<w:shd w:val="clear" w:color="auto" w:fill="{WARNING}"/>' + spaced(0, 0, 1),
        text=type_(9, font=SANS, bold=True),
    ),
    Style(
        name="footer",
        paragraph=(
            f'<w:pBdr><w:top w:val="single" w:sz="4" w:space="4" w:color="'
            f'{palette.EMPTY.lstrip("#")}"/></w:pBdr>'
            '<w:tabs><w:tab w:val="right" w:pos="9638"/></w:tabs>' + spaced(0, 0, 1)
        ),
        text=type_(7.5, font=SANS, colour=MUTED),
    ),
    Style(name="Strong", kind="character", based=None, text="<w:b/><w:bCs/>"),
    Style(name="Muted", kind="character", based=None, text=type_(colour=MUTED)),
    Style(name="Accent", kind="character", based=None, text=type_(bold=True, colour=ACCENT)),
    Style(name="Against", kind="character", based=None, text=type_(bold=True, colour=AGAINST)),
    Style(name="Code Text", kind="character", based=None, text=type_(8, font=MONO)),
    Style(
        name="Hyperlink",
        kind="character",
        based=None,
        text=type_(colour=ACCENT) + '<w:u w:val="single"/>',
    ),
    Style(name="Badge Strength", kind="character", based=None, text=type_(colour=ACCENT)),
    Style(name="Badge Limit", kind="character", based=None, text=type_(colour=MUTED)),
    Style(
        name="Badge Warning",
        kind="character",
        based=None,
        text=type_(bold=True) + f'<w:shd w:val="clear" w:color="auto" w:fill="{WARNING}"/>',
    ),
)


def styles_part() -> BaseOxmlElement:
    """Return the whole list of styles."""
    written, tag = "".join(map(style_xml, STYLES)), language_tag()
    return parse_xml(
        f"<w:styles {nsdecls('w')}>"
        f"<w:docDefaults><w:rPrDefault><w:rPr>{type_(9.5, font=SERIF, colour=INK)}"
        f'<w:lang w:val="{tag}" w:eastAsia="{tag}" w:bidi="{tag}"/>'
        "</w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>"
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>'
        f"<w:qFormat/><w:pPr>{spaced(4, 4, 1.15)}</w:pPr></w:style>"
        '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">'
        '<w:name w:val="Default Paragraph Font"/><w:semiHidden/></w:style>'
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal">'
        '<w:name w:val="Normal Table"/><w:semiHidden/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/>'
        '<w:tblCellMar><w:left w:w="80" w:type="dxa"/><w:right w:w="80" w:type="dxa"/>'
        "</w:tblCellMar></w:tblPr></w:style>"
        '<w:style w:type="numbering" w:default="1" w:styleId="NoList">'
        '<w:name w:val="No List"/><w:semiHidden/></w:style>'
        f"{written}{table_style()}</w:styles>"
    )


def style_xml(style: Style) -> str:
    """Return one style as XML."""
    custom = "" if style.name in WORDS_OWN else ' w:customStyle="1"'
    based = f'<w:basedOn w:val="{style.based}"/>' if style.based else ""
    then = f'<w:next w:val="{style.then}"/>' if style.then else ""
    paragraph = f"<w:pPr>{style.paragraph}</w:pPr>" if style.paragraph else ""
    return (
        f'<w:style w:type="{style.kind}"{custom} w:styleId="{style.id}">'
        f'<w:name w:val="{style.name}"/>{based}{then}<w:qFormat/>{paragraph}'
        f"<w:rPr>{style.text}</w:rPr></w:style>"
    )


WORDS_OWN: Final = {
    *("Title", "Subtitle", "heading 1", "heading 2", "heading 3", "caption", "List Bullet"),
    "toc 1",
    *("header", "footer", "Strong", "Hyperlink"),
}


def table_style() -> str:
    """Return the style of tables: a rule above, one under the head, one below, no others."""

    def rule(side: str, eighths: int) -> str:
        return f'<w:{side} w:val="single" w:sz="{eighths}" w:space="0" w:color="{INK}"/>'

    return (
        f'<w:style w:type="table" w:customStyle="1" w:styleId="{TABLE_STYLE}">'
        '<w:name w:val="Report Table"/><w:basedOn w:val="TableNormal"/><w:qFormat/>'
        f"<w:tblPr><w:tblBorders>{rule('top', 7)}{rule('bottom', 7)}</w:tblBorders></w:tblPr>"
        '<w:tblStylePr w:type="firstRow"><w:rPr><w:b/><w:bCs/></w:rPr>'
        f"<w:tcPr><w:tcBorders>{rule('top', 7)}{rule('bottom', 5)}</w:tcBorders>"
        '<w:vAlign w:val="bottom"/></w:tcPr></w:tblStylePr></w:style>'
    )


def numbering_part() -> BaseOxmlElement:
    """Return the one kind of list, with bullets."""
    return parse_xml(
        f'<w:numbering {nsdecls("w")}><w:abstractNum w:abstractNumId="0">'
        '<w:multiLevelType w:val="singleLevel"/><w:lvl w:ilvl="0"><w:start w:val="1"/>'
        '<w:numFmt w:val="bullet"/><w:pStyle w:val="ListBullet"/><w:lvlText w:val="•"/>'
        '<w:lvlJc w:val="left"/><w:pPr><w:ind w:left="240" w:hanging="240"/></w:pPr>'
        f'<w:rPr><w:color w:val="{MUTED}"/></w:rPr></w:lvl></w:abstractNum>'
        f'<w:num w:numId="{BULLET_NUMBER}"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
    )
