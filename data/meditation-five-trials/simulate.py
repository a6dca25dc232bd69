"""Write participants.csv: 246 SIMULATED people of five trials with three arms.

The design, the arm sizes (113, 73 and 60) and the outcomes are those of a published pooled
analysis (Amorim and others, PAIN 2025). Its means, standard deviations and effect sizes
are not known here, so every number below that describes an outcome is invented for this
simulation. How the arms are spread over the five trials is invented too. Nothing that
comes out of these data says anything about meditation or breathing.

Run ``python simulate.py``; it writes ``participants.csv`` beside itself.
"""

import csv
from pathlib import Path

import numpy as np

SEED = 20251021
ARMS = ("mindfulness", "sham", "audiobook")
# People by trial (rows) and arm (columns): the columns add up to 113, 73 and 60.
SIZES = ((23, 15, 12), (23, 15, 12), (23, 15, 12), (22, 14, 12), (22, 14, 12))

# Invented: mean change by arm, in the order of ARMS.
PAIN_CHANGE = (-0.9, -0.5, 0.1)
BREATHS_CHANGE = (-2.5, -3.0, -0.3)
ANXIETY_CHANGE = (-5.0, -4.5, -1.0)
# Invented: mean and standard deviation before, and standard deviation of the change.
PAIN = (4.6, 1.7, 1.3)
BREATHS = (15.0, 3.0, 2.2)
ANXIETY = (33.0, 8.0, 6.0)
# Invented: standard deviation of the trials' mean pain before.
PAIN_BETWEEN_TRIALS = 0.4

COLUMNS = (
    "data_status",
    "subject",
    "trial",
    "arm",
    "pain_pre",
    "pain_post",
    "breaths_pre",
    "breaths_post",
    "anxiety_pre",
    "anxiety_post",
)


def simulate_people(rng: np.random.Generator) -> list[dict[str, object]]:
    """Return one record a person, trial by trial and arm by arm."""
    shifts = PAIN_BETWEEN_TRIALS * rng.standard_normal(len(SIZES))
    people: list[dict[str, object]] = []
    for trial, (shift, sizes) in enumerate(zip(shifts, SIZES, strict=True), start=1):
        for arm, size in enumerate(sizes):
            for _ in range(size):
                number = len(people) + 1
                people.append(
                    simulate_person(rng, number=number, trial=trial, arm=arm, shift=shift)
                )
    return people


def simulate_person(
    rng: np.random.Generator, *, number: int, trial: int, arm: int, shift: float
) -> dict[str, object]:
    """Return the record of one person; ``shift`` moves the pain of the whole trial."""
    mean, spread, noise = PAIN
    pain = before_and_after(rng, (mean + shift, spread, noise), PAIN_CHANGE[arm], limits=(0, 10))
    breaths = before_and_after(rng, BREATHS, BREATHS_CHANGE[arm], limits=(4, 40))
    anxiety = before_and_after(rng, ANXIETY, ANXIETY_CHANGE[arm], limits=(20, 80))
    return {
        "data_status": "SIMULATED",
        "subject": f"sim-{number:03d}",
        "trial": f"trial-{trial}",
        "arm": ARMS[arm],
        "pain_pre": round(pain[0], 1),
        "pain_post": round(pain[1], 1),
        "breaths_pre": round(breaths[0], 1),
        "breaths_post": round(breaths[1], 1),
        "anxiety_pre": round(anxiety[0]),
        "anxiety_post": round(anxiety[1]),
    }


def before_and_after(
    rng: np.random.Generator,
    scale: tuple[float, float, float],
    change: float,
    *,
    limits: tuple[float, float],
) -> tuple[float, float]:
    """Return a value before and one after, both inside the limits of the scale."""
    mean, spread, noise = scale
    low, high = limits
    before = mean + spread * rng.standard_normal()
    after = before + change + noise * rng.standard_normal()
    return min(max(before, low), high), min(max(after, low), high)


def main() -> None:
    """Write the table beside this file."""
    people = simulate_people(np.random.default_rng(SEED))
    path = Path(__file__).with_name("participants.csv")
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(people)
    print(f"{len(people)} simulated people in {path.name}")


if __name__ == "__main__":
    main()
