# Cluster-robust covariances of a compound-symmetry fit by nlme::gls, from clubSandwich (the calls
# "gls_CR0" and "gls_CR3"; its CR2 uses another root). The calls "CR0", "CR2" and "CR3" are
# figures of mmrm 0.3.18, method "Satterthwaite", vcov "Empirical", "Empirical-Bias-Reduced" and
# "Empirical-Jackknife", refitted from an optimum that Newton steps had polished.
suppressMessages({library(nlme); library(clubSandwich)})
d <- read.csv("data.csv")
d <- d[!is.na(d$AVAL), ]
d$TRT01P <- factor(d$TRT01P, c("Slow breathing", "Mindfulness"))
f <- gls(AVAL ~ BASE + TRT01P * AVISIT, d, correlation = corCompSymm(form = ~ 1 | USUBJID),
  control = glsControl(msTol = 1e-14, tolerance = 1e-14, opt = "nlminb"))
cat(sprintf("sigma %.17g rho %.17g\n", f$sigma, coef(f$modelStruct$corStruct, unconstrained = FALSE)))
for (kind in c("CR0", "CR1", "CR2", "CR3")) {
  s <- coef_test(f, vcov = vcovCR(f, cluster = d$USUBJID, type = kind), test = "Satterthwaite")
  cat(sprintf("%s,%s,%.17g,%.17g,%.17g\n", kind, names(coef(f)), s$beta, s$SE, s$df_Satt), sep = "")
}
