# Two-by-two tables: inverse variance, Mantel-Haenszel and Peto; thirteen published tables
# and seven sparse ones. Run in this folder: Rscript generate.R > output.txt
source("../meta_pain_smd/rows.R")
d <- read.csv("data.csv")
pooled <- function(call, fit) {
  add(
    call, "pooled_estimate", estimate = c(fit$b), std_error = fit$se, statistic = fit$zval,
    p_value = fit$pval, conf_low = fit$ci.lb, conf_high = fit$ci.ub
  )
  add(call, "heterogeneity", "Q", statistic = fit$QE, df = fit$k.yi - 1, p_value = fit$QEp)
}
for (set in unique(d$set)) {
  one <- d[d$set == set & d$arm == "treatment", ]
  zero <- d[d$set == set & d$arm == "control", ]
  stopifnot(all(one$trial == zero$trial))
  cells <- list(ai = one$events, n1i = one$n, ci = zero$events, n2i = zero$n)
  measures <- c(RR = "risk_ratio", OR = "odds_ratio", RD = "risk_difference")
  for (measure in names(measures)) {
    call <- paste(set, measures[[measure]], sep = "_")
    fit <- suppressWarnings(do.call(rma.mh, c(cells, measure = measure)))
    pooled(paste0(call, "_mh"), fit)
    for (i in seq_len(nrow(one))) {
      add(paste0(call, "_mh"), "fit", paste("weight", one$trial[i]), estimate = weights(fit)[i])
    }
    effects <- do.call(escalc, c(cells, measure = measure))
    for (i in seq_len(nrow(one))) {
      add(
        paste0(call, "_dl"), "trial_estimate", one$trial[i],
        estimate = effects$yi[i], std_error = sqrt(effects$vi[i])
      )
    }
    average(paste0(call, "_dl"), tight(effects$yi, effects$vi, method = "DL"))
    fit <- tight(effects$yi, effects$vi, method = "REML", test = "knha")
    average(paste0(call, "_reml_knha"), fit)
    spread(paste0(call, "_reml_knha"), fit)
    if (measure != "RD") {
      add(
        paste0(call, "_reml_knha"), measures[[measure]], estimate = exp(c(fit$b)),
        conf_low = exp(fit$ci.lb), conf_high = exp(fit$ci.ub)
      )
    }
  }
  pooled(paste0(set, "_peto"), suppressWarnings(do.call(rma.peto, cells)))
}
finish(".")
