# Three more 2 x 2 tables, with score limits from their definition: the nuisance rate by
# uniroot on the likelihood equation, the limit by uniroot on the score.
# Run in this folder: Rscript generate.R > output.txt
cat(R.version.string, "\n\n")
tables <- list(seven = c(7, 12, 2, 11), everyone = c(10, 10, 7, 10), thousand = c(520, 1000, 470, 1000))
z <- qnorm(0.975)
rows <- NULL
add <- function(call, quantity, arm = NA, reference_arm = NA, term = NA, digits = NA, ...) {
  x <- c(estimate = NA, df = NA, statistic = NA, p_value = NA, conf_low = NA, conf_high = NA)
  given <- unlist(list(...)); x[names(given)] <- given
  rows <<- rbind(rows, data.frame(call, quantity, arm, reference_arm, term, t(x), digits))
}
solve_for <- function(f, low, high) uniroot(f, c(low, high), tol = 1e-15, maxiter = 5000)$root
# Rate of the reference at which the likelihood is largest, given how the rates are tied.
nuisance <- function(v, one, slope, low, high) {
  eps <- 1e-13
  f <- function(p) {
    q <- one(p)
    per <- function(count, rate) if (count == 0) 0 else count / rate
    slope(p) * (per(v[1], q) - per(v[2] - v[1], 1 - q)) + per(v[3], p) - per(v[4] - v[3], 1 - p)
  }
  a <- low + eps; b <- high - eps
  if (f(a) <= 0) return(low)
  if (f(b) >= 0) return(high)
  solve_for(f, a, b)
}
score_rd <- function(v, d) {
  p0 <- nuisance(v, function(p) p + d, function(p) 1, max(0, -d), min(1, 1 - d)); p1 <- p0 + d
  V <- (p1 * (1 - p1) / v[2] + p0 * (1 - p0) / v[4]) * (v[2] + v[4]) / (v[2] + v[4] - 1)
  (v[1] / v[2] - v[3] / v[4] - d) / sqrt(V)
}
score_rr <- function(v, r) {
  p0 <- nuisance(v, function(p) p * r, function(p) r, 0, min(1, 1 / r)); p1 <- p0 * r
  V <- (p1 * (1 - p1) / v[2] + r^2 * p0 * (1 - p0) / v[4]) * (v[2] + v[4]) / (v[2] + v[4] - 1)
  (v[1] / v[2] - r * v[3] / v[4]) / sqrt(V)
}
score_or <- function(v, r) {
  one <- function(p) p * r / (1 - p + p * r)
  p0 <- nuisance(v, one, function(p) r / (1 - p + p * r)^2, 0, 1); p1 <- one(p0)
  G <- 1 / (v[2] * p1 * (1 - p1)) + 1 / (v[4] * p0 * (1 - p0))
  (v[1] - v[2] * p1) * sqrt(G / ((v[2] + v[4]) / (v[2] + v[4] - 1)))
}
for (name in names(tables)) {
  v <- tables[[name]]; M <- matrix(c(v[1], v[2] - v[1], v[3], v[4] - v[3]), 2, byrow = TRUE)
  d <- v[1] / v[2] - v[3] / v[4]; rr <- (v[1] / v[2]) / (v[3] / v[4]); or <- M[1, 1] * M[2, 2] / (M[1, 2] * M[2, 1])
  verb <- name; nums <- paste0(name, "_numbers")
  chi <- suppressWarnings(chisq.test(M, correct = FALSE))
  add(verb, "risk_difference", "treated", "control", estimate = d, df = 1, statistic = chi$statistic[[1]], p_value = chi$p.value,
      conf_low = solve_for(function(x) score_rd(v, x) - z, -0.999, d - 1e-9),
      conf_high = solve_for(function(x) score_rd(v, x) + z, d + 1e-9, 0.9999999))
  add(verb, "risk_ratio", "treated", "control", estimate = rr,
      conf_low = solve_for(function(x) score_rr(v, x) - z, rr / 50, rr),
      conf_high = solve_for(function(x) score_rr(v, x) + z, rr, rr * 50))
  low <- solve_for(function(x) score_or(v, x) - z, if (is.finite(or)) or / 100 else 0.01, if (is.finite(or)) or else 1e3)
  high <- if (is.finite(or)) solve_for(function(x) score_or(v, x) + z, or, or * 100) else Inf
  add(nums, "score_interval", term = "uncorrected_or", estimate = or, conf_low = low, conf_high = high)
  for (arm in 1:2) {
    w <- suppressWarnings(prop.test(v[2 * arm - 1], v[2 * arm], correct = FALSE))$conf.int
    add(verb, "proportion", c("treated", "control")[arm], conf_low = w[1], conf_high = w[2], estimate = v[2 * arm - 1] / v[2 * arm])
    b <- binom.test(v[2 * arm - 1], v[2 * arm])$conf.int
    add(paste0(name, "_exact"), "proportion", c("treated", "control")[arm], conf_low = b[1], conf_high = b[2])
  }
  f <- fisher.test(M)
  add(paste0(name, "_exact"), "risk_difference", "treated", "control", p_value = f$p.value)
  add(nums, "fisher", term = "less", p_value = fisher.test(M, alternative = "less")$p.value)
  add(nums, "fisher", term = "greater", p_value = fisher.test(M, alternative = "greater")$p.value)
  # The exact limits from their definition, by the noncentral hypergeometric probabilities.
  k <- max(0, sum(M[, 1]) - v[4]):min(v[2], sum(M[, 1]))
  logw <- dhyper(k, v[2], v[4], sum(M[, 1]), log = TRUE)
  p <- function(u) { w <- logw + u * k; w <- exp(w - max(w)); w / sum(w) }
  lo <- exp(solve_for(function(u) sum(p(u)[k >= v[1]]) - 0.025, -5, 5))
  inner <- v[1] < max(k)
  add(nums, "fisher", term = "odds_ratio", conf_low = lo,
      estimate = if (inner) exp(solve_for(function(u) sum(k * p(u)) - v[1], -5, 5)) else Inf,
      conf_high = if (inner) exp(solve_for(function(u) sum(p(u)[k <= v[1]]) - 0.025, -5, 8)) else Inf)
  y <- suppressWarnings(chisq.test(M))
  add(nums, "chi_square", term = "chisq_yates", df = 1, statistic = y$statistic[[1]], p_value = y$p.value)
  m <- mcnemar.test(M); add(nums, "chi_square", term = "mcnemar", df = 1, statistic = m$statistic[[1]], p_value = m$p.value)
  gained <- M[2, 1]; lost <- M[1, 2]; n <- sum(M)
  add(nums, "chi_square", term = "mcnemar_exact", p_value = binom.test(gained, gained + lost)$p.value)
  # Tango: the share that loses, at the largest likelihood under a difference t.
  tango <- function(t) {
    g <- function(q) gained / (q + t) + lost / q - 2 * (n - gained - lost) / (1 - 2 * q - t)
    low <- max(0, -t) + 1e-14; high <- (1 - t) / 2 - 1e-14
    q <- if (g(low) <= 0) low else solve_for(g, low, high)
    ((gained - lost) / n - t) / sqrt((2 * q + t * (1 - t)) / n)
  }
  e <- (gained - lost) / n
  add(nums, "score_interval", term = "tango", estimate = e,
      conf_low = solve_for(function(t) tango(t) - z, max(-0.9, e - 0.6), e - 1e-9),
      conf_high = solve_for(function(t) tango(t) + z, e + 1e-9, min(0.9, e + 0.6)))
}
for (x in names(rows)) if (is.numeric(rows[[x]])) rows[[x]] <- sub("^Inf$", "inf", ifelse(is.na(rows[[x]]), "", sprintf("%.17g", rows[[x]])))
write.csv(rows, "expected.csv", row.names = FALSE, quote = FALSE, na = "")
print(rows)
