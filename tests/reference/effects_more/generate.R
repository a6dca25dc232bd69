# Run from this folder: Rscript generate.R
# Percent change by inverting the paired t test, scaled noncentral t limits by inverting pt(),
# one-sided and asymmetric margins, rank tests of spread, Spearman's limits by their formula.
source("../expected.R")

pre_post <- read.csv("../paired_ties/data.csv")
two <- read.csv("../welch_unequal/data.csv")
x <- two$y[two$arm == "mindfulness"]
y <- two$y[two$arm == "breathing"]
pre <- pre_post$pre
post <- pre_post$post
n <- length(pre)
n1 <- length(x)
n0 <- length(y)

row <- function(call, quantity, ..., digits = NA) {
  full <- list(call = call, quantity = quantity, arm = NA, reference_arm = NA, term = NA, estimate = NA, df = NA,
    statistic = NA, p_value = NA, conf_low = NA, conf_high = NA, digits = digits)
  as.data.frame(modifyList(full, list(...)), stringsAsFactors = FALSE)
}
limits <- function(t, df, scale, level) {
  tail <- (1 - level) / 2
  solve <- function(p) uniroot(function(d) pt(t, df, ncp = d) - p, c(t - 9, t + 9), tol = 1e-14, extendInt = "yes")$root
  scale * c(solve(1 - tail), solve(tail))
}

# Percent change: the ratios that the paired t test does not reject.
change <- t.test(post, pre, paired = TRUE)
ratio <- mean(post) / mean(pre)
edge <- function(from, to, level) uniroot(function(rho) t.test(post - rho * pre)$p.value - (1 - level),
  c(from, to), tol = 1e-15)$root
percent <- function(call, level) row(call, "percent_change", estimate = 100 * (ratio - 1), df = n - 1,
  statistic = unname(change$statistic), p_value = change$p.value,
  conf_low = 100 * (edge(ratio - 0.5, ratio, level) - 1), conf_high = 100 * (edge(ratio, ratio + 0.5, level) - 1), digits = 10)

glass_scale <- sqrt(var(x) / (n1 * var(y)) + 1 / n0)
glass <- (mean(x) - mean(y)) / sd(y)
glass_row <- function(call, level) {
  found <- limits(glass / glass_scale, n0 - 1, glass_scale, level)
  row(call, "effect_size", arm = "mindfulness", reference_arm = "breathing", estimate = glass, conf_low = found[1], conf_high = found[2])
}
paired_row <- function(call, s, level = 0.95) {
  scale <- sd(post - pre) / (sqrt(n) * s)
  found <- limits(unname(change$statistic), n - 1, scale, level)
  row(call, "effect_size", estimate = mean(post - pre) / s, conf_low = found[1], conf_high = found[2])
}
margin <- function(call, low, high) {
  below <- t.test(x, y, mu = low, alternative = "greater")
  above <- t.test(x, y, mu = high, alternative = "less")
  inner <- t.test(x, y, conf.level = 0.95)$conf.int
  arms <- list(arm = "mindfulness", reference_arm = "breathing")
  rbind(
    do.call(row, c(list(call, "equivalence", estimate = mean(x) - mean(y), p_value = max(below$p.value, above$p.value),
      conf_low = inner[1], conf_high = inner[2]), arms)),
    do.call(row, c(list(call, "margin_test", term = "lower margin", statistic = unname(below$statistic), p_value = below$p.value), arms)),
    do.call(row, c(list(call, "margin_test", term = "upper margin", statistic = unname(above$statistic), p_value = above$p.value), arms))
  )
}
fligner <- fligner.test(list(x, y))
rho <- cor(rank(pre), rank(post))
spearman <- tanh(atanh(rho) + c(-1, 1) * qnorm(0.975) * sqrt((1 + rho^2 / 2) / (n - 3)))
r <- cor(pre, post)

rows <- rbind(
  percent("percent_change", 0.95),
  percent("percent_change_80", 0.80),
  glass_row("glass_delta", 0.95),
  glass_row("glass_delta_99", 0.99),
  paired_row("cohen_d_av", (sd(pre) + sd(post)) / 2),
  paired_row("cohen_d_rm", sd(post - pre) / sqrt(2 * (1 - r))),
  paired_row("cohen_d_z_50", sd(post - pre), 0.5),
  margin("asymmetric_margins", -16, 2),
  row("assumptions", "assumption_test", term = "Fligner-Killeen", df = unname(fligner$parameter), statistic = unname(fligner$statistic), p_value = fligner$p.value),
  row("spearman", "correlation", estimate = rho, conf_low = spearman[1], conf_high = spearman[2])
)
write_expected(rows)
keep_output(change, fligner, rows)
