# Profile limits solved, not interpolated; likelihood-ratio tests; nominal tests; three arms.
# Run in this folder: Rscript generate.R > output.txt
suppressMessages(library(ordinal))
cat(R.version.string, "\nordinal", as.character(packageVersion("ordinal")), "\n\n")
rows <- NULL
add <- function(call, quantity, arm = NA, reference_arm = NA, term = NA, ...) {
  x <- c(estimate = NA, std_error = NA, df = NA, statistic = NA, p_value = NA, conf_low = NA, conf_high = NA)
  given <- unlist(list(...)); x[names(given)] <- given
  rows <<- rbind(rows, data.frame(call, quantity, arm, reference_arm, term, t(x)))
}
# Limits at which twice the lost log-likelihood is the chi-square quantile.
limits <- function(lost, est, se) {
  cut <- qchisq(0.95, 1)
  f <- function(b) lost(b) - cut
  c(uniroot(f, c(est - 4 * se, est - se), tol = 1e-13)$root,
    uniroot(f, c(est + se, est + 4 * se), tol = 1e-13)$root)
}
scores <- read.csv("data.csv")
scores$arm <- factor(scores$arm, levels = c("control", "breathing", "mindfulness"))
scores$better <- as.integer(scores$relief >= 3)
tight <- glm.control(epsilon = 1e-15, maxit = 100)

logistic <- function(call, other, arms) {
  d <- scores
  d$arm <- relevel(d$arm, other)
  g <- glm(better ~ arm + before + site, binomial, d, control = tight)
  # Once more from the maximum: glm's covariance is that of the iteration before the last.
  g <- glm(better ~ arm + before + site, binomial, d, start = coef(g), control = tight)
  for (a in arms) {
    name <- paste0("arm", a); est <- coef(g)[[name]]; se <- sqrt(diag(vcov(g)))[[name]]
    others <- setdiff(levels(d$arm), c(other, a))
    lost <- function(b) {
      h <- glm(better ~ I(arm == others) + before + site, binomial, d, offset = b * (d$arm == a), control = tight)
      2 * (as.numeric(logLik(g)) - as.numeric(logLik(h)))
    }
    ci <- exp(limits(lost, est, se)); LR <- lost(0)
    add(call, "odds_ratio", a, other, NA, estimate = exp(est), std_error = se, df = 1,
        statistic = LR, p_value = pchisq(LR, 1, lower.tail = FALSE), conf_low = ci[1], conf_high = ci[2])
  }
  g
}
logistic("logistic", "breathing", "mindfulness")
g <- logistic("logistic", "control", c("breathing", "mindfulness"))
s <- coef(summary(g))
terms <- c("Intercept", "arm: breathing", "arm: mindfulness", "site[T.south]", "before")
s <- s[c("(Intercept)", "armbreathing", "armmindfulness", "sitesouth", "before"), ]
for (i in seq_along(terms)) add("logistic", "coefficient", term = terms[i], estimate = s[i, 1],
  std_error = s[i, 2], statistic = s[i, 3], p_value = s[i, 4])

scores$level <- ordered(scores$relief)
control <- clm.control(gradTol = 1e-12, maxIter = 200)
ordered_fit <- function(call, other, arms) {
  d <- scores
  d$arm <- relevel(d$arm, other)
  m <- clm(level ~ arm + before, data = d, control = control)
  for (a in arms) {
    name <- paste0("arm", a); est <- coef(m)[[name]]; se <- sqrt(diag(vcov(m)))[[name]]
    d$rest <- as.numeric(d$arm == setdiff(levels(d$arm), c(other, a)))
    lost <- function(b) {
      d$fixed <- b * (d$arm == a)
      h <- clm(level ~ rest + before + offset(fixed), data = d, control = control)
      2 * (as.numeric(logLik(m)) - as.numeric(logLik(h)))
    }
    ci <- exp(limits(lost, est, se)); LR <- lost(0)
    add(call, "odds_ratio", a, other, NA, estimate = exp(est), std_error = se, df = 1,
        statistic = LR, p_value = pchisq(LR, 1, lower.tail = FALSE), conf_low = ci[1], conf_high = ci[2])
  }
  m
}
ordered_fit("ordered", "breathing", "mindfulness")
m <- ordered_fit("ordered", "control", c("breathing", "mindfulness"))
s <- coef(summary(m))
for (n in rownames(s)) {
  term <- sub("^arm", "arm: ", n)
  add("ordered", "coefficient", term = term, estimate = s[n, 1], std_error = s[n, 2], statistic = s[n, 3], p_value = s[n, 4])
}
w <- clm(level ~ before, nominal = ~arm, data = scores, control = control)
LR <- 2 * (as.numeric(logLik(w)) - as.numeric(logLik(m)))
df <- length(coef(w)) - length(coef(m))
add("ordered", "assumption_test", term = "arm", df = df, statistic = LR, p_value = pchisq(LR, df, lower.tail = FALSE))
add("ordered", "fit", term = "log_likelihood", estimate = as.numeric(logLik(m)))
for (x in names(rows)) if (is.numeric(rows[[x]])) rows[[x]] <- ifelse(is.na(rows[[x]]), "", sprintf("%.17g", rows[[x]]))
write.csv(rows, "expected.csv", row.names = FALSE, quote = FALSE, na = "")
print(nominal_test(m))
print(rows)
