# Expected change under an entry rule, by numerical integration of its definition (no formula of the normal hazard).
# Rscript generate.R > output.txt; expected.csv is output.txt without its comment lines.
cat("# R", as.character(getRversion()), "\n")
num <- function(x) sprintf("%.17g", x)
cat("call,quantity,term,estimate\n")
rules <- list(
  at_least = list(mean = 4, sd = 2, rho = 0.6, low = 5, high = Inf, m = 1),
  both_ends = list(mean = 4, sd = 2, rho = 0.6, low = 4, high = 9, m = 1),
  seven_days = list(mean = 5.5, sd = 2.5, rho = 0.45, low = 4, high = Inf, m = 7),
  at_most = list(mean = 50, sd = 10, rho = 0.8, low = -Inf, high = 40, m = 2))
for (name in names(rules)) { r <- rules[[name]]
  s <- sqrt(r$rho * r$sd^2 + (1 - r$rho) * r$sd^2 / r$m)
  ends <- c(max(r$low, r$mean - 12 * s), min(r$high, r$mean + 12 * s))
  int <- function(f) integrate(function(x) f(x) * dnorm(x, r$mean, s), ends[1], ends[2], rel.tol = 1e-13, subdivisions = 2000)$value
  share <- int(function(x) 1 + 0 * x); entry <- int(function(x) x) / share
  later <- int(function(x) r$mean + r$rho * r$sd^2 / s^2 * (x - r$mean)) / share
  cat(name, ",mean,entry,", num(entry), "\n", name, ",mean,later,", num(later), "\n", name, ",change,,", num(later - entry), "\n",
      name, ",fit,share_meeting_the_rule,", num(share), "\n", name, ",fit,entry_std_dev,",
      num(sqrt(int(function(x) (x - entry)^2) / share)), "\n", sep = "")
}
