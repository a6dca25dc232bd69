# MMRM reference fits on the two trials simulated for this project (pain_trial.csv three arms, small_trial.csv two arms).
source(file.path(dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1])), "lib.R"))
src <- readLines(file.path(dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1])), "mmrm.R"))
suppressMessages({library(mmrm); library(emmeans); library(nlme)})
a <- grep("^sig <- function", src); b <- grep("^PK <- ", src)
eval(parse(text = src[a:b]))
rd <- function(n, arms) transform(read.csv(data_path(n)), USUBJID = factor(USUBJID, levels = unique(USUBJID)), AVISIT = factor(AVISIT, levels = unique(AVISIT)), ARMCD = factor(TRT01P, arms), SEX = factor(SEX), SITE = factor(SITE))
SETS <- list(
  pain = list(data = rd("pain_trial.csv", c("Book listening", "Slow breathing", "Mindfulness")), response = "AVAL", fixed = "AVAL ~ BASE * AVISIT + SEX + SITE + ARMCD * AVISIT"),
  small = list(data = rd("small_trial.csv", c("Slow breathing", "Mindfulness")), response = "AVAL", fixed = "AVAL ~ BASE + ARMCD * AVISIT"))
save_json(list(fits = run("pain", c("us", "cs", "csh", "ar1", "ar1h", "toep", "toeph", "ad", "adh"))), "mmrm_pain.json", PK)
save_json(list(fits = run("small", c("us", "cs", "csh", "ar1", "ar1h", "toep", "toeph", "ad", "adh"), grouped = FALSE)), "mmrm_small.json", PK)
