"""Write participants.csv: 20 SIMULATED people before and after a week-long retreat.

Of the study that this stands in for (Jinich-Diamant and others 2025) two means are
published that fit here: the MEQ-30 score was 2.37 before and 3.02 after. The simulation
is centred on them; its spread, the correlation of before with after, and everything about
the biomarker are invented, because none of it is published. The biomarker is no real
measurement: it is a z-score made up to show a second outcome.

Run ``python simulate.py``; it writes ``participants.csv`` beside itself.
"""

import csv
from pathlib import Path

import numpy as np

SEED = 20251106
PEOPLE = 20
# Printed means of the MEQ-30 (0-5).
MEQ30_BEFORE, MEQ30_AFTER = 2.37, 3.02
# Invented: standard deviation before, and of the change.
MEQ30_SPREAD, MEQ30_NOISE = 1.1, 1.0
# Invented: mean and standard deviation of the change of the biomarker's z-score.
BIOMARKER_CHANGE, BIOMARKER_NOISE = 0.4, 0.8

COLUMNS = (
    "data_status",
    "subject",
    "meq30_before",
    "meq30_after",
    "biomarker_z_before",
    "biomarker_z_after",
)


def simulate_person(rng: np.random.Generator, number: int) -> dict[str, object]:
    """Return the record of one person."""
    draws = rng.standard_normal(4)
    before = MEQ30_BEFORE + MEQ30_SPREAD * draws[0]
    after = before + (MEQ30_AFTER - MEQ30_BEFORE) + MEQ30_NOISE * draws[1]
    biomarker = draws[2]
    return {
        "data_status": "SIMULATED",
        "subject": f"sim-{number:02d}",
        "meq30_before": round(min(max(before, 0.0), 5.0), 2),
        "meq30_after": round(min(max(after, 0.0), 5.0), 2),
        "biomarker_z_before": round(biomarker, 2),
        "biomarker_z_after": round(biomarker + BIOMARKER_CHANGE + BIOMARKER_NOISE * draws[3], 2),
    }


def main() -> None:
    """Write the table beside this file."""
    rng = np.random.default_rng(SEED)
    people = [simulate_person(rng, number) for number in range(1, PEOPLE + 1)]
    path = Path(__file__).with_name("participants.csv")
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(people)
    print(f"{len(people)} simulated people in {path.name}")


if __name__ == "__main__":
    main()
