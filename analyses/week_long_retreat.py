"""A week of meditation: the planned analyses of data/week-long-retreat.

Real are the nine printed p-values and the two printed means; the participants are SIMULATED
(data/week-long-retreat/simulate.py).
"""

import os

import trialkit as tk

STUDY = "data/week-long-retreat"
REPORTS = os.environ.get("TRIALKIT_REPORTS", "reports")

study = tk.read_study(STUDY)
articles = tk.read_articles("data/articles")
results = tk.run_study(study, articles=articles)
tk.publish(results, REPORTS)
