"""Mindfulness against slow breathing: the planned analyses of data/mindfulness-vs-breathing.

Participants come from the public source once `trialkit fetch mindfulness-vs-breathing` has
brought them; until then the report rests on the aggregate figures and says so.
"""

import os

import trialkit as tk

STUDY = "data/mindfulness-vs-breathing"
REPORTS = os.environ.get("TRIALKIT_REPORTS", "reports")

study = tk.read_study(STUDY)
articles = tk.read_articles("data/articles")
results = tk.run_study(study, articles=articles)
tk.publish(results, REPORTS)
