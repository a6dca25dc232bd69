"""Mindfulness, slow breathing, book: the planned analyses of data/meditation-five-trials.

Every participant is SIMULATED (data/meditation-five-trials/simulate.py): the report shows
how such a pool is analysed and supports no claim.
"""

import os

import trialkit as tk

STUDY = "data/meditation-five-trials"
REPORTS = os.environ.get("TRIALKIT_REPORTS", "reports")

study = tk.read_study(STUDY)
articles = tk.read_articles("data/articles")
results = tk.run_study(study, articles=articles)
tk.publish(results, REPORTS)
