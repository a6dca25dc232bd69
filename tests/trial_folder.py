"""A small study folder that tests break in one place at a time."""

from pathlib import Path

STUDY = """
[study]
id = "small"
title = "A small trial"
design = "parallel"
data_status = "real"
randomised = true

[data]
file = "participants.csv"
subject = "id"
arm = "arm"
missing = ["", "NA"]

[[arm]]
id = "breathing"
label = "Slow breathing"
value = 0
role = "active_comparator"

[[arm]]
id = "mindfulness"
label = "Mindfulness"
value = 1
role = "experimental"

[[visit]]
id = "before"
label = "Before"
order = 0
baseline = true

[[visit]]
id = "after"
label = "After"
order = 1

[[endpoint]]
id = "pain"
label = "Pain"
columns = { before = "pain_before", after = "pain_after" }
scale = { minimum = 0, maximum = 10, unit = "points" }
better = "lower"
responder = [{ percent_reduction = 30 }]

[[population]]
id = "itt"
label = "Everyone randomised"

[[estimand]]
id = "primary"
population = "itt"
treatment = "mindfulness"
reference = "breathing"
endpoint = "pain"
visit = "after"
summary = "difference in means"

[[analysis]]
id = "primary"
estimand = "primary"
method = "ancova"
covariates = "BASE"
role = "main"
family = "confirmatory"

[[analysis]]
id = "responders"
estimand = "primary"
method = "responders"
missing_as = "observed"

[multiplicity.confirmatory]
procedure = "holm"
"""

DATA = """id,arm,pain_before,pain_after,sex
p01,0,6,5,f
p02,0,7,7,m
p03,0,5,4,f
p04,0,8,6,m
p05,0,6,6,f
p06,0,4,3,m
p07,1,6,3,f
p08,1,7,4,m
p09,1,5,2,f
p10,1,8,6,m
p11,1,6,,f
p12,1,4,1,m
"""


def write_trial(folder: Path, *, study: str = STUDY, data: str | bytes = DATA) -> Path:
    """Write a study folder and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.toml").write_text(study, encoding="utf-8")
    content = data if isinstance(data, bytes) else data.encode()
    (folder / "participants.csv").write_bytes(content)
    return folder


def replaced(text: str, old: str, new: str) -> str:
    """Return a text with one passage replaced; the passage must be there."""
    assert text.count(old) >= 1, old
    return text.replace(old, new, 1)
