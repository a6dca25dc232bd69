# Two parallel mediators and three arms: products of lm coefficients, their covariances, the
# jackknife, a bootstrap, and the sensitivity parameter of one mediator given the other.
suppressMessages(library(boot))
d <- na.omit(read.csv("data.csv", na.strings = ""))
d$arm <- relevel(factor(d$arm), ref = "audiobook")
cat(R.version.string, "boot", as.character(packageVersion("boot")), "\n")
options(digits = 17)
arms <- c("armbreathing", "armmindfulness")
meds <- c("breaths_change", "anxiety_change")
rest <- "pain_before + breaths_before + anxiety_before + site"
mm <- lapply(meds, function(m) lm(as.formula(paste(m, "~ arm +", rest)), d))
my <- lm(as.formula(paste("pain_change ~ arm +", rest, "+", paste(meds, collapse = "+"))), d)
mt <- lm(as.formula(paste("pain_change ~ arm +", rest)), d)
show <- function(what, m, rows) { s <- coef(summary(m))[rows, , drop = FALSE]; ci <- confint(m)[rows, , drop = FALSE]
  for (r in rows) cat(what, r, s[r, ], m$df.residual, ci[r, ], "\n") }
show("total", mt, arms); show("direct", my, arms); show("b", my, meds)
for (j in 1:2) show(paste("a", meds[j]), mm[[j]], arms)

# Delta: joint covariance of the a paths of the two mediators from the multivariate fit.
both <- lm(as.formula(paste("cbind(breaths_change, anxiety_change) ~ arm +", rest)), d)
V <- vcov(both); Vb <- vcov(my)[meds, meds]; b <- coef(my)[meds]
for (k in arms) {
  a <- coef(both)[k, ]; rows <- paste(meds, k, sep = ":"); Va <- V[rows, rows]
  specific <- sqrt(a^2 * diag(Vb) + b^2 * diag(Va)); total <- sqrt(drop(t(b) %*% Va %*% b + t(a) %*% Vb %*% a))
  aroian <- sqrt(a^2 * diag(Vb) + b^2 * diag(Va) + diag(Vb) * diag(Va))
  est <- c(a * b, sum(a * b)); se <- c(specific, total)
  cat("delta", k, est, "|", se, "|", 2 * pnorm(-abs(est / se)), "|", est - qnorm(.975) * se, "|", est + qnorm(.975) * se, "\n")
  cat("aroian", k, aroian, "share", est / coef(mt)[k], "\n")
}

# Sensitivity: the correlation of the residuals, the other mediator among the covariates.
for (j in 1:2) {
  m1 <- lm(as.formula(paste(meds[j], "~ arm +", rest, "+", meds[3 - j])), d)
  y1 <- lm(as.formula(paste("pain_change ~ arm +", rest, "+", meds[3 - j])), d)
  rho <- cor(residuals(m1), residuals(y1))
  cat("rho", meds[j], rho, rho^2, rho^2 * (1 - summary(m1)$r.squared) * (1 - summary(my)$r.squared), "\n")
}

# Is b the same in every arm? The products of one mediator with the arms added.
for (j in 1:2) { m2 <- update(my, as.formula(paste(". ~ . + arm:", meds[j]))); w <- anova(my, m2)
  cat("interaction", meds[j], w$F[2], w$Df[2], w$Res.Df[2], w$`Pr(>F)`[2], "\n") }

# Jackknife and bootstrap of whole people.
effects <- function(z) {
  x <- model.matrix(~ arm + pain_before + breaths_before + anxiety_before + site, z)
  a <- sapply(meds, function(m) .lm.fit(x, z[[m]])$coefficients[2:3])
  b <- .lm.fit(cbind(x, as.matrix(z[meds])), z$pain_change)$coefficients[ncol(x) + 1:2]
  p <- t(t(a) * b); c(rbind(t(p), rowSums(p)))
}
jack <- sapply(seq_len(nrow(d)), function(i) effects(d[-i, ]))
l <- rowMeans(jack) - jack
cat("acceleration", rowSums(l^3) / (6 * rowSums(l^2)^1.5), "\n")
set.seed(44)
bs <- boot(d, function(z, i) effects(z[i, ]), 100000)
cat("t0", bs$t0, "\n")
cat("se", apply(bs$t, 2, sd), "\n")
for (e in 1:6) {
  cat("bca", e, boot.ci(bs, type = "bca", index = e, L = (nrow(d) - 1) * l[e, ])$bca[4:5], "\n")
  cat("percentile", e, boot.ci(bs, type = "perc", index = e)$percent[4:5], "\n")
}
set.seed(6)
draws <- 1e6
zb <- matrix(rnorm(2 * draws), ncol = 2) %*% chol(Vb)
for (k in arms) {
  rows <- paste(meds, k, sep = ":")
  za <- matrix(rnorm(2 * draws), ncol = 2) %*% chol(V[rows, rows])
  s <- t(t(za) + coef(both)[k, ]) * t(t(zb) + b)
  s <- cbind(s, rowSums(s))
  cat("monte_carlo", k, apply(s, 2, quantile, c(.025, .975)), "\n")
}
