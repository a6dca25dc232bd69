"""Acupuncture for chronic headache: the planned analyses of data/acupuncture-headache.

Participants come from the public source once `trialkit fetch acupuncture-headache` has
brought them; until then the report rests on the printed figures and says so.
"""

import os

import trialkit as tk

STUDY = "data/acupuncture-headache"
REPORTS = os.environ.get("TRIALKIT_REPORTS", "reports")

study = tk.read_study(STUDY)
articles = tk.read_articles("data/articles")
results = tk.run_study(study, articles=articles)
tk.publish(results, REPORTS)
