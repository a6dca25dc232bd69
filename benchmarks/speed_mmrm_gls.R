# How long nlme::gls takes for the trials that speed_mmrm.py writes, one core.
#
# Run: Rscript speed_mmrm_gls.R RUNS COVARIATES FILE
#
# Prints the elapsed seconds of each run of the fit alone (no contrasts), after a warm-up on the
# first 30 subjects, then the restricted log-likelihood that it ended at.
suppressMessages(library(nlme))

arguments <- commandArgs(TRUE)
records <- read.csv(arguments[3])
records <- records[!is.na(records$AVAL), ]
records$AVISIT <- factor(records$AVISIT, unique(records$AVISIT[order(records$VISITN)]))
model <- as.formula(paste("AVAL ~ ARMCD * AVISIT +", arguments[2]))

fitted_by_gls <- function(data) {
  gls(model, data,
      correlation = corSymm(form = ~ VISITN | USUBJID), weights = varIdent(form = ~ 1 | AVISIT),
      method = "REML")
}

invisible(try(fitted_by_gls(records[records$USUBJID %in% unique(records$USUBJID)[1:30], ]), silent = TRUE))
for (run in seq_len(as.integer(arguments[1]))) {
  started <- proc.time()[["elapsed"]]
  fit <- fitted_by_gls(records)
  cat(format(proc.time()[["elapsed"]] - started, digits = 6), "\n")
}
cat(format(as.numeric(logLik(fit)), digits = 12), "\n")
