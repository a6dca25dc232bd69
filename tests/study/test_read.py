"""A study file is read whole, or refused with every mistake and its place."""

import pytest

from trial_folder import STUDY, replaced, write_trial
from trialkit.dataset.dataset import read_dataset
from trialkit.errors import SpecificationError
from trialkit.study.read import entry_path, inside, read_article, read_study
from trialkit.study.study import Study

# Ten broken study files: what is changed, and what the message must say of it.
BROKEN = [
    pytest.param(
        'design = "parallel"',
        'design = "paralel"',
        ("study.design", "parallel, pre_post, crossover", "'paralel'"),
        id="vocabulary",
    ),
    pytest.param(
        'title = "A small trial"',
        'titel = "A small trial"',
        ("study.titel", "did you mean `title`?", "study.title: expected a required entry"),
        id="misspelt key",
    ),
    pytest.param("order = 1", 'order = "1"', ("visit[1].order", "valid integer", "'1'"), id="type"),
    pytest.param(
        'reference = "breathing"',
        'reference = "book"',
        ("estimand[0].reference", "breathing, mindfulness", "'book'"),
        id="dangling arm",
    ),
    pytest.param(
        'visit = "after"',
        'visit = "week_8"',
        ("estimand[0].visit", "before, after", "'week_8'"),
        id="dangling visit",
    ),
    pytest.param(
        'family = "confirmatory"',
        'family = "primary"',
        ("analysis[0].family", "confirmatory"),
        id="dangling family",
    ),
    pytest.param(
        'covariates = "BASE"',
        'covariates = "BASE"\ncontrasts = ["mindfulness - book"]',
        ("analysis[0].contrasts[0]", "breathing, mindfulness"),
        id="contrast",
    ),
    pytest.param(
        'id = "mindfulness"',
        'id = "breathing"',
        ("arm.id", "each id once", "'breathing' 2 times"),
        id="doubled id",
    ),
    pytest.param(
        "percent_reduction = 30",
        "percent_reduction = 30, at_most = 3",
        ("endpoint[0].responder[0]", "exactly one of"),
        id="two thresholds",
    ),
    pytest.param(
        "minimum = 0, maximum = 10",
        "minimum = 10, maximum = 0",
        ("endpoint[0].scale", "not below"),
        id="upside-down scale",
    ),
    pytest.param(
        'method = "responders"',
        'method = "responders"\ncovariates = "BASE"',
        ("analysis[1].covariates", "an option that method 'responders' reads"),
        id="idle option",
    ),
    pytest.param(
        'better = "lower"',
        'better = "higher"',
        ("endpoint[0].responder[0]", "`at_least` or `above`"),
        id="reduction of a good",
    ),
    pytest.param(
        'design = "parallel"',
        'design = "crossover"',
        ("study.design", "parallel, pre_post"),
        id="design not carried out",
    ),
    pytest.param(
        'missing_as = "observed"',
        'missing_as = "observed"\nresponder = "half"',
        ("analysis[1].responder", "percent_reduction_30", "'half'"),
        id="unknown rule",
    ),
    pytest.param(
        "maximum = 10",
        "maximum = 1e308",
        ("endpoint[0].scale.maximum", "less than or equal to 1000000000000000"),
        id="beyond arithmetic",
    ),
    pytest.param(
        "baseline = true",
        "baseline = false",
        ("analysis[0]: expected a visit with `baseline = true`", "covariate BASE", "analysis[1]"),
        id="no baseline",
    ),
    pytest.param(
        'visit = "after"',
        'visit = "before"',
        ("analysis[0].estimand", "after the baseline", "at the baseline visit 'before'"),
        id="change at the baseline",
    ),
    pytest.param(
        '[[population]]\nid = "itt"',
        '[[population]]\nid = "it-t"\nlabel = "x"\n\n[[population]]\nid = "it_t"',
        ("population.id", "IT_TFL"),
        id="flags that collide",
    ),
    pytest.param("[study]", "[study", ("not valid TOML", "line 2"), id="no TOML"),
    pytest.param(
        "[study]", "str = 1\n[study]", ("str: expected a known key",), id="key like a type"
    ),
    pytest.param(
        "[study]", '"a[b]" = 1\n[study]', ("a[b]: expected a known key",), id="key like a branch"
    ),
    pytest.param(
        "[study]", f"x = {'[' * 5000}{']' * 5000}\n[study]", ("nested too deep",), id="deep list"
    ),
    pytest.param(
        "[study]", f"[{'.'.join('a' * 400)}]\n[study]", ("at most 30 deep",), id="deep tables"
    ),
    pytest.param("order = 1", f"order = 1{'0' * 5000}", ("not valid TOML",), id="endless number"),
    pytest.param(
        "order = 1",
        f"order = 1{'0' * 30}",
        ("visit[1].order", "less than or equal to 1000000"),
        id="order out of range",
    ),
    pytest.param(
        '"A small trial"',
        '"A \\u0000small trial"',
        ("study.title", "without control characters", "U+0000 at position 2"),
        id="control character",
    ),
    pytest.param(
        '"participants.csv"',
        '"p\\u0000.csv"',
        ("data.file", "without control characters"),
        id="control character in a name",
    ),
    pytest.param(
        '"A small trial"',
        f'"{"word " * 5000}"',
        ("study.title", "at most 20000 characters"),
        id="endless text",
    ),
]


def test_a_good_study_is_read_and_frozen(tmp_path):
    study = read_study(write_trial(tmp_path))

    assert study.find_arm("mindfulness").code == 1
    assert study.baseline_visit is study.find_visit("before")
    with pytest.raises(ValueError, match="frozen"):
        study.study.title = "another"


@pytest.mark.parametrize(("old", "new", "said"), BROKEN)
def test_a_mistake_is_named_with_its_place(tmp_path, old, new, said):
    folder = write_trial(tmp_path, study=replaced(STUDY, old, new))

    with pytest.raises(SpecificationError) as caught:
        read_study(folder)

    for part in said:
        assert part in str(caught.value)


def test_all_mistakes_are_reported_at_once(tmp_path):
    broken = replaced(STUDY, 'design = "parallel"', 'design = "paralel"')
    broken = replaced(broken, 'reference = "breathing"', 'reference = "book"')
    broken = replaced(broken, "order = 1", 'order = "1"')

    with pytest.raises(SpecificationError) as caught:
        read_study(write_trial(tmp_path, study=broken))

    places = {finding.where for finding in caught.value.findings}
    assert {"study.design", "estimand[0].reference", "visit[1].order"} <= places


def test_a_missing_file_says_how_to_make_one(tmp_path):
    with pytest.raises(SpecificationError, match="trialkit new"):
        read_study(tmp_path)


@pytest.mark.parametrize("name", ["../outside.csv", "/etc/hostname", "sub/../../outside.csv"])
def test_a_data_file_outside_the_folder_is_refused(tmp_path, name):
    (tmp_path / "outside.csv").write_text("id,arm\n1,0\n")
    text = replaced(STUDY, 'file = "participants.csv"', f'file = "{name}"')
    study = read_study(write_trial(tmp_path / "study", study=text))

    with pytest.raises(SpecificationError, match="inside the study folder"):
        read_dataset(study)


def test_a_link_that_leads_outside_is_refused(tmp_path):
    outside = tmp_path / "outside.csv"
    outside.write_text("id,arm\n1,0\n")
    folder = write_trial(tmp_path / "study")
    (folder / "participants.csv").unlink()
    (folder / "participants.csv").symlink_to(outside)

    with pytest.raises(SpecificationError, match="inside the study folder"):
        read_dataset(read_study(folder))


def test_endpoints_of_printed_figures_need_no_place_in_the_data(tmp_path):
    text = (
        STUDY
        + """
[[endpoint]]
id = "printed"
label = "Printed only"
better = "lower"

[[estimand]]
id = "printed"
population = "itt"
endpoint = "printed"
visit = "after"
summary = "mean change"

[[analysis]]
id = "printed"
estimand = "printed"
method = "published_p_values"
data = "published_figures"
"""
    )
    study = read_study(write_trial(tmp_path, study=text))

    assert [endpoint.id for endpoint in study.measured_endpoints] == ["pain"]
    with pytest.raises(SpecificationError, match="`columns`"):
        read_study(write_trial(tmp_path, study=replaced(text, 'data = "published_figures"', "")))


def test_the_study_survives_json(tmp_path):
    study = read_study(write_trial(tmp_path))

    again = Study.model_validate_json(study.model_dump_json())

    assert again == study.model_copy(update={"folder": None})


def test_entry_paths_read_like_toml():
    assert entry_path(("analysis", 2, "contrasts", 0)) == "analysis[2].contrasts[0]"


def test_printed_figures_name_only_what_the_study_has(tmp_path):
    text = replaced(STUDY, 'arm = "arm"', 'arm = "arm"\npublished_figures = "figures.csv"')
    folder = write_trial(tmp_path, study=text)
    (folder / "figures.csv").write_text(
        "quantity,endpoint,visit,population,arm,estimate,origin,source\n"
        "mean,pain,after,itt,mindfulness,3.2,published,a paper\n"
        "mean,pian,after,itt,book,3.2,published,a paper\n"
    )

    with pytest.raises(SpecificationError) as caught:
        read_study(folder)

    assert [finding.where for finding in caught.value.findings] == [
        "line 3, endpoint",
        "line 3, arm",
    ]


@pytest.mark.parametrize("name", ["a\0b", "x" * 5000])
def test_a_name_that_no_file_can_have_is_refused(tmp_path, name):
    with pytest.raises(SpecificationError, match=r"^data\.file: "):
        inside(tmp_path, name, where="data.file")


def test_control_characters_of_an_article_are_refused(tmp_path):
    (tmp_path / "a.toml").write_text('[article]\nid = "a"\ntitle = "x\\u001b[31m"\n')

    with pytest.raises(SpecificationError, match=r"article\.title: .*U\+001B"):
        read_article(tmp_path / "a.toml")
