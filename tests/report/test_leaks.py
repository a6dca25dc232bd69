"""No file of a report names a participant, the machine or its user, whatever the study does.

Identifiers, names and dates of birth are planted wherever a study can have them; then every
text of every format is read: pages, streams, metadata, attachments, drawings, members.
"""

import csv
import io
import json
import math
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from report import variants
from report.contents import files_below, leaks, texts_inside
from report.variants import with_header
from run.test_every_method import FIGURES, LEAST, STUDY, participants
from test_carried_data import DATA, STUDIES
from trial_folder import write_trial
from trialkit.dataset import assembly
from trialkit.errors import DataUnavailableError, TrialkitError
from trialkit.report.publish import FORMATS, publish, render_site, report_files
from trialkit.result.study_results import StudyResults
from trialkit.run.study import run_study
from trialkit.study.method_rules import RULES
from trialkit.study.read import read_articles, read_study
from trialkit.study.records import DataPlan, Table
from trialkit.study.study import Study

SURNAMES = ("Quillfeather", "Brambleby", "Oxenstierna", "Thistlewood")
# What stands in the data of people and nowhere else.
TELLING = ("SUBJECT-0", *SURNAMES, "Praxis Dr")
NAMELESS = {"TERM": "dumb", "PATH": os.environ["PATH"]}


def relabelled(path: Path, plan: DataPlan, folder: Path) -> Path:
    """Return a copy of a table whose people have telling identifiers and a remark each."""
    encoding = "utf-8-sig" if plan.encoding.lower() in {"utf-8", "utf8"} else plan.encoding
    with path.open(encoding=encoding, newline="") as stream:
        head, *rows = csv.reader(stream, delimiter=plan.separator)
    place = [name.strip() for name in head].index(str(plan.subject))
    copy = folder / f"relabelled-{path.name}"
    with copy.open("w", encoding=encoding, newline="") as stream:
        writer = csv.writer(stream, delimiter=plan.separator)
        writer.writerow([*head, "remark"])
        for row in filter(None, rows):
            person = row[place].strip()
            surname = SURNAMES[len(person) % len(SURNAMES)]
            named = [*row[:place], f"SUBJECT-0{person}-XQ", *row[place + 1 :]]
            writer.writerow([*named, f"{surname} asked to be called at home"])
    return copy


@pytest.mark.parametrize("name", STUDIES)
def test_no_participant_of_a_carried_study_is_in_its_report(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    study = read_study(DATA / name)
    found = assembly.table_path

    def relabelled_table(study: Study, table: Table) -> Path:
        return relabelled(found(study, table), study.data, tmp_path)

    monkeypatch.setattr(assembly, "table_path", relabelled_table)
    try:
        dataset = assembly.assemble(study)
    except DataUnavailableError:
        pytest.skip(f"the participants of {name} are not on this machine")
    assert dataset.frame[str(study.data.subject)].str.startswith("SUBJECT-0").all()

    results = run_study(study, articles=read_articles(DATA / "articles"))
    publish(results, tmp_path / "site", formats=FORMATS)
    articles = read_articles(DATA / "articles")
    render_site(tmp_path / "site", articles, [results], results.claims)

    assert results.certificate is not None
    assert leaks(files_below(tmp_path / "site"), (*TELLING, str(tmp_path))) == []


@cache
def planted() -> str:
    """Return the data of three arms with names, dates of birth and rare clinics in columns."""
    head, *lines = participants().splitlines()
    rows = [f"{head},name,born,clinic"]
    for number, line in enumerate(lines):
        _, cells = line.split(",", 1)
        site = cells.split(",")[1]
        name = f"Agathe {SURNAMES[number % 4]} {number}"
        clinic = f"Praxis Dr {SURNAMES[number % 4]}" if number in {5, 10, 47} else site
        born = f"19{30 + number % 60}-0{1 + number % 9}-{1 + number % 28:02}"
        rows.append(f"SUBJECT-0{number:03}-XQ,{cells},{name},{born},{clinic}")
    return "\n".join(rows) + "\n"


BIRTHS = tuple(re.findall(r"19\d\d-0\d-\d\d", planted()))
# Every key of a plan that takes a column of the data, with a method that reads it.
NAMING = [
    ("ancova", "covariates", '"BASE + {}"'),
    ("model_terms", "covariates", '"{}"'),
    ("model_coefficients", "covariates", '"{}"'),
    ("model_coefficients", "cluster", '"{}"'),
    ("model_diagnostics", "covariates", '"{}"'),
    ("mmrm", "covariates", '"BASE + {}"'),
    ("mmrm", "missing_reason", '"{}"'),
    ("mixed_model", "random", '"1 | {}"'),
    ("mixed_model", "covariates", '"{}"'),
    ("stratified_responders", "strata", '"{}"'),
    ("logistic", "covariates", '"{}"'),
    ("proportional_odds", "covariates", '"{}"'),
    ("mediation", "covariates", '"{}"'),
    ("pooled_trials", "trial", '"{}"'),
    ("pooled_trials", "covariates", '"{}"'),
]
COLUMNS = ("id", "name", "born", "clinic")
SOME = [item for item in NAMING if item[0] in {"model_coefficients", "logistic"}]


def naming(method: str, key: str, value: str, column: str) -> str:
    """Return a planned analysis that names a column of the data."""
    least = [line for line in LEAST.get(method, "").split("\n") if not line.startswith(f"{key} ")]
    lines = [
        "[[analysis]]",
        f'id = "{method}-{key}-{column}"'.replace("_", "-"),
        'estimand = "pain"',
        f'method = "{method}"',
        *least,
        f"{key} = {value.format(column)}",
    ]
    return "\n".join(lines) + "\n"


CHARACTERISTICS = "".join(
    f'\n[[characteristic]]\ncolumn = "{column}"\nlabel = "The {column}"\nkind = "categorical"\n'
    for column in COLUMNS
)


def planted_folder(
    folder: Path, column: str, keys: Sequence[tuple[str, str, str]] = NAMING
) -> Path:
    """Write the planted study, whose analyses name a column in the keys that take one."""
    asked = [naming(*item, column) for item in keys]
    write_trial(folder, study="\n".join([STUDY, CHARACTERISTICS, *asked]), data=planted())
    (folder / "figures.csv").write_text(FIGURES, encoding="utf-8")
    return folder


@pytest.mark.parametrize("column", COLUMNS)
def test_no_level_of_a_column_names_a_participant(column: str, tmp_path: Path):
    results = run_study(planted_folder(tmp_path / "whole", column), articles=())

    assert {record.status for record in results.analyses} == {"ran", "not_run"}
    assert "withheld level" in results.to_json()
    # The other formats are readings of the same document; the next test reads them all.
    made = report_files(results, formats=("html", "csv"))
    files = {"results.json": results.to_json().encode(), **made}
    assert leaks(files, (*TELLING, *BIRTHS, str(tmp_path))) == []


def test_neither_user_nor_machine_nor_a_path_is_in_a_report(tmp_path: Path):
    private = tmp_path / "agathe-quillfeather"
    planted_folder(private / "data" / "whole", "clinic", keys=SOME)
    (private / "tmp").mkdir()
    environment = NAMELESS | {
        "HOME": str(private),
        "TMPDIR": str(private / "tmp"),
        "USER": "agathe-the-user",
        "LOGNAME": "agathe-the-user",
        "HOSTNAME": "ward-seven-workstation",
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    command = (
        "import os, platform, socket; "
        "os.uname = lambda: os.uname_result(('Linux', 'ward-seven-workstation', '6', '1', 'x')); "
        "socket.gethostname = lambda: 'ward-seven-workstation'; "
        "platform.node = socket.gethostname; "
        "from trialkit.cli import main; main()"
    )
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            command,
            "run",
            "data/whole",
            "--format",
            ",".join((*FORMATS, "json")),
            "-o",
            "out",
        ],
        cwd=private,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert leaks({"printed": done.stdout.encode()}, (*TELLING, *BIRTHS, str(tmp_path))) == []
    files = files_below(private / "out")
    assert {Path(name).suffix for name in files} == {".html", ".pdf", ".docx", ".csv", ".json"}
    private_texts = (str(tmp_path), "agathe-the-user", "ward-seven-workstation", sys.prefix)
    assert leaks(files, (*TELLING, *BIRTHS, *private_texts, str(Path(__file__).parents[2]))) == []
    assert list((private / "tmp").iterdir()) == []


PEOPLE = 89
DRAWN = "seed = 1\ndraws = 299"  # values so fine have no exact distribution
OWN_VALUE = {"median", "quartile_1", "quartile_3"}  # of an odd number, one of its people's


def finely_measured() -> str:
    """Return people of three arms whose every value has digits that nobody else's has."""
    rng = np.random.default_rng(20261123)
    head, *lines = participants().splitlines()
    rows = [head]
    for line in lines[:PEOPLE]:
        cells = line.split(",")
        pain = [
            f"{0.98 * float(cell) + rng.uniform(0, 0.1):.6f}" if cell else "" for cell in cells[4:7]
        ]
        rows.append(",".join([*cells[:4], *pain, *cells[7:]]))
    return "\n".join(rows) + "\n"


def stored_numbers(value: object, quantity: str = "") -> Iterator[float]:
    """Yield each stored number but the own values that summaries may show.

    A list with one entry a person fails the test.
    """
    if isinstance(value, dict):
        quantity = str(value.get("quantity", quantity))
        for name, item in value.items():
            if not (name == "estimate" and quantity in OWN_VALUE) and name not in OWN_VALUE:
                yield from stored_numbers(item, quantity)
    elif isinstance(value, list):
        assert len(value) != PEOPLE, f"one entry a person: {value[:3]}"
        for item in value:
            yield from stored_numbers(item, quantity)
    elif isinstance(value, float):
        yield value


def test_no_value_of_a_participant_is_stored_by_any_method(tmp_path: Path):
    methods = [
        f'[[analysis]]\nid = "{method.replace("_", "-")}"\nestimand = "pain"\n'
        f'method = "{method}"\n{LEAST.get(method, DRAWN if "draws" in rule.options else "")}\n'
        for method, rule in RULES.items()
        if rule.on_participants
    ]
    folder = tmp_path / "whole"
    data = finely_measured()
    write_trial(folder, study="\n".join([STUDY, *methods]), data=data)
    (folder / "figures.csv").write_text(FIGURES, encoding="utf-8")

    results = run_study(folder, articles=())

    assert sum(record.status == "ran" for record in results.analyses) > 35
    own = set()
    for row in csv.DictReader(io.StringIO(data)):
        before, *later = (float(row[name] or "nan") for name in ("pain_0", "pain_4", "pain_8"))
        values = (before, *later, *(value - before for value in later))
        own |= {round(abs(value), 6) for value in values if not math.isnan(value)}
    assert len(own) > 4 * PEOPLE
    stored = stored_numbers(json.loads(results.to_json()))
    assert sorted(own & {round(abs(number), 6) for number in stored}) == []


FAULTS = [
    pytest.param("SUBJECT-0003-XQ,", "SUBJECT-0004-XQ,", id="doubled"),
    pytest.param(",breathing,", ",Brambleby,", id="unknown arm"),
    pytest.param(",site-0,", ",site-0,Oxenstierna,", id="row length"),
    pytest.param("name,born,clinic", "name,name,clinic", id="doubled head"),
]


@pytest.mark.parametrize(("old", "new"), FAULTS)
def test_a_refused_study_leaves_nothing_behind_and_names_no_identifier(
    old: str, new: str, tmp_path: Path
):
    folder = planted_folder(tmp_path / "whole", "clinic", keys=SOME)
    data = folder / "participants.csv"
    data.write_text(data.read_text().replace(old, new, 1))

    with pytest.raises(TrialkitError) as caught:
        run_study(folder, articles=())

    # What the data manager needs is in error.records; the message counts.
    assert "SUBJECT-" not in str(caught.value)
    assert sorted(path.name for path in folder.iterdir()) == [
        "figures.csv",
        "participants.csv",
        "study.toml",
    ]


# ---- the scan finds what it looks for ----------------------------------------------------


@cache
def speaking() -> StudyResults:
    """Return results of which one note, in words of the study file, names a participant."""
    return with_header(variants.real(), notes=("SUBJECT-0417-XQ came late.",))


@pytest.mark.parametrize("kind", FORMATS)
def test_the_scan_finds_what_stands_in_a_file(kind: str):
    results = with_header(speaking(), subtitle="seen by Thistlewood")
    if kind == "csv":
        plan = results.study.endpoint[0].model_copy(update={"label": "Pain of SUBJECT-0417-XQ"})
        results = results.__class__(
            **{name: getattr(results, name) for name in results.__slots__ if name != "study"},
            study=results.study.model_copy(update={"endpoint": (plan,)}),
        )

    found = leaks(report_files(results, formats=(kind,)), TELLING)

    assert any("SUBJECT0" in text for text in found)
    if kind == "pdf":
        places = {text.split(":")[1].split()[0] for text in found}
        assert places == {"page", "stream"}


def test_the_scan_reads_pictures_members_and_attachments():
    files = report_files(variants.real(), formats=("docx", "pdf"))
    places = [where for name in files for where, _ in texts_inside(name, files[name])]

    assert any(where.endswith(".png: chunks") for where in places)
    assert any(where.endswith("docProps/core.xml") for where in places)
    streams = [text for where, text in texts_inside("x", files["report.pdf"]) if "stream" in where]
    assert any(text.startswith('{\n "schema_version"') for text in streams)
    assert any("<x:xmpmeta" in text or "xmpmeta" in text for text in streams)


def test_a_picture_with_a_text_of_its_own_is_found():
    files = report_files(variants.real(), formats=("docx",))
    (picture,) = [
        content for content in docx_members(files["report.docx"]) if content.startswith(b"\x89PNG")
    ][:1]
    speaking_picture = picture[:33] + b"\x00\x00\x00\x03tEXta\x00b\x00\x00\x00\x00" + picture[33:]

    assert leaks({"a.png": picture}, ()) == []
    assert leaks({"a.png": speaking_picture}, ()) == ["a.png: chunks: tEXt"]


def docx_members(content: bytes) -> list[bytes]:
    """Return the members of a Word file."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [archive.read(name) for name in archive.namelist()]
