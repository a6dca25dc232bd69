# Standardised mean differences of nine simulated trials, from the figures of their arms.
# Run in this folder: Rscript generate.R > output.txt
source("rows.R")
d <- read.csv("data.csv")
one <- d[d$arm == "treatment", ]
zero <- d[d$arm == "control", ]
stopifnot(all(one$trial == zero$trial))
for (vtype in c("LS", "UB")) {
  effects <- escalc(
    "SMD", m1i = one$mean, sd1i = one$std_dev, n1i = one$n,
    m2i = zero$mean, sd2i = zero$std_dev, n2i = zero$n, vtype = vtype
  )
  name <- c(LS = "large_sample", UB = "unbiased")[[vtype]]
  for (method in names(WORDS)) for (test in if (method == "EE") "z" else names(TESTS)) {
    call <- paste(name, tolower(method), test, sep = "_")
    fit <- tight(effects$yi, effects$vi, method = method, test = test)
    average(call, fit)
    if (test == "z") spread(call, fit)
    if (method == "EE") for (i in seq_along(effects$yi)) {
      add(call, "trial_estimate", one$trial[i], estimate = effects$yi[i], std_error = sqrt(effects$vi[i]))
      add(call, "fit", paste("weight", one$trial[i]), estimate = weights(fit)[i])
    }
  }
  fit <- tight(effects$yi, effects$vi, method = "REML", test = "knha")
  for (i in seq_len(nrow(one))) {
    add(paste0(name, "_reml_knha"), "fit", paste("weight", one$trial[i]), estimate = weights(fit)[i])
  }
  egger <- regtest(effects$yi, effects$vi, model = "lm", predictor = "sei")
  add(
    paste0(name, "_reml_z"), "asymmetry_test", "egger",
    estimate = coef(summary(egger$fit))[2, 1], std_error = coef(summary(egger$fit))[2, 2],
    statistic = egger$zval, df = egger$ddf, p_value = egger$pval
  )
  begg <- ranktest(effects$yi, effects$vi)
  add(paste0(name, "_reml_z"), "asymmetry_test", "begg", estimate = begg$tau, p_value = begg$pval)
}
finish(".")
