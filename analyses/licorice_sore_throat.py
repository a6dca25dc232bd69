"""Licorice gargle and sore throat: the planned analyses of data/licorice-sore-throat.

The data are in the repository.
"""

import os

import trialkit as tk

STUDY = "data/licorice-sore-throat"
REPORTS = os.environ.get("TRIALKIT_REPORTS", "reports")

study = tk.read_study(STUDY)
articles = tk.read_articles("data/articles")
results = tk.run_study(study, articles=articles)
tk.publish(results, REPORTS)
