# Antidepressants for pain in fibromyalgia: 22 comparisons with printed n, mean and SD.
# Run in this folder: Rscript generate.R > output.txt
source("../meta_pain_smd/rows.R")
d <- read.csv("data.csv")
one <- d[d$arm == "antidepressant", ]
zero <- d[d$arm == "control", ]
stopifnot(all(one$trial == zero$trial))
effects <- escalc(
  "SMD", m1i = one$mean, sd1i = one$std_dev, n1i = one$n,
  m2i = zero$mean, sd2i = zero$std_dev, n2i = zero$n
)
for (i in seq_len(nrow(one))) {
  add("ee_z", "trial_estimate", one$trial[i], estimate = effects$yi[i], std_error = sqrt(effects$vi[i]))
}
for (choice in list(
  c("EE", "z"), c("DL", "z"), c("DL", "knha"), c("REML", "z"), c("REML", "knha"), c("PM", "knha")
)) {
  fit <- tight(effects$yi, effects$vi, method = choice[1], test = choice[2])
  call <- paste(tolower(choice[1]), choice[2], sep = "_")
  average(call, fit)
  spread(call, fit)
  if (choice[1] != "EE") average(paste0(call, "_higgins"), fit, riley = TRUE)
}
fit <- tight(effects$yi, effects$vi, method = "REML", test = "knha")
others <- leave1out(fit)
for (i in seq_len(nrow(one))) {
  add("funnel", "fit", paste("weight", one$trial[i]), estimate = weights(fit)[i])
}
egger <- regtest(effects$yi, effects$vi, model = "lm", predictor = "sei")
add("funnel", "asymmetry_test", "egger", statistic = egger$zval, df = egger$ddf, p_value = egger$pval)
egger <- regtest(fit, predictor = "sei")
add("funnel", "asymmetry_test", "egger_mixed", statistic = egger$zval, df = egger$ddf, p_value = egger$pval)
begg <- suppressWarnings(ranktest(effects$yi, effects$vi))
add("funnel", "asymmetry_test", "begg", estimate = begg$tau, p_value = begg$pval)
finish(".")
