"""A trial of two arms and three visits after the baseline, some of them missed."""

import numpy as np

STUDY = """
[study]
id = "visits"
title = "A trial with several visits"
design = "parallel"
data_status = "real"
randomised = true

[data]
file = "participants.csv"
subject = "id"
arm = "arm"
missing = [""]

[[arm]]
id = "breathing"
label = "Slow breathing"
role = "active_comparator"

[[arm]]
id = "mindfulness"
label = "Mindfulness"
role = "experimental"

[[visit]]
id = "before"
label = "Before"
order = 0
baseline = true

[[visit]]
id = "week_4"
label = "4 weeks"
order = 1

[[visit]]
id = "week_8"
label = "8 weeks"
order = 2

[[visit]]
id = "week_12"
label = "12 weeks"
order = 3

[[endpoint]]
id = "pain"
label = "Pain"
columns = { before = "pain_0", week_4 = "pain_4", week_8 = "pain_8", week_12 = "pain_12" }
scale = { minimum = 0, maximum = 10, unit = "points" }
better = "lower"
decimals = 1

[[population]]
id = "itt"
label = "Everyone randomised"

[[estimand]]
id = "week-12"
population = "itt"
treatment = "mindfulness"
reference = "breathing"
endpoint = "pain"
visit = "week_12"
summary = "difference in means"
"""
MMRM = """
[[analysis]]
id = "visits"
label = "Pain from all visits"
estimand = "week-12"
method = "mmrm"
covariates = "BASE + BASE:AVISIT + sex"
role = "main"
"""
# Who misses what: person, visits missed, reason.
MISSED = {
    3: ("pain_12", "moved away"),
    8: ("pain_8 pain_12", "moved away"),
    11: ("pain_4", "on holiday"),
    14: ("pain_4 pain_8 pain_12", "moved away"),
    19: ("pain_8", ""),
    22: ("pain_12", "lack of effect"),
    27: ("pain_8 pain_12", "lack of effect"),
    30: ("pain_12", "lack of effect"),
    33: ("pain_4", ""),
}


def participants() -> str:
    """Return 40 invented people, odd ones in mindfulness, with the missed visits blank."""
    rng = np.random.default_rng(20261123)
    head = ["id", "arm", "sex", "reason", "pain_0", "pain_4", "pain_8", "pain_12"]
    lines = [",".join(head)]
    for person in range(40):
        relief = 1.4 if person % 2 else 0.5
        own = rng.normal(0, 1.1)
        before = 6 + own + rng.normal(0, 0.6)
        lasting = rng.normal(0, 0.8)  # what makes the visits of one person alike
        later = [
            before + lasting - relief * share + rng.normal(0, 0.7) for share in (0.5, 0.8, 1.0)
        ]
        missed, reason = MISSED.get(person, ("", ""))
        values = dict(zip(head[4:], [before, *later], strict=True))
        cells = [
            "" if name in missed.split() else f"{min(max(value, 0.0), 10.0):.1f}"
            for name, value in values.items()
        ]
        arm = "mindfulness" if person % 2 else "breathing"
        lines.append(",".join([f"p{person:02d}", arm, "fm"[person // 2 % 2], reason, *cells]))
    return "\n".join(lines) + "\n"
