# Standardised differences from their definitions, by solve() on Yang and Dalton's matrix, and chisq.test.
# Rscript generate.R > output.txt; expected.csv is output.txt without its comment lines.
cat("# R", as.character(getRversion()), "\n")
num <- function(x) ifelse(is.na(x), "", sprintf("%.17g", x))
d <- read.csv("data.csv")
one <- d[d$arm == "a", ]; two <- d[d$arm == "b", ]
row <- function(term, size, statistic = NA, df = NA, p = NA)
  cat("balance", term, num(size), num(statistic), num(df), paste0(num(p), "\n"), sep = ",")
# Yang and Dalton (2012): T over levels 2..k, S with p(1-p) on and -pq off the diagonal, averaged over the groups.
levels_apart <- function(x, y) {
  l <- sort(unique(c(x, y)))
  p <- as.numeric(table(factor(x, l))) / length(x); q <- as.numeric(table(factor(y, l))) / length(y)
  t <- p[-1]; c <- q[-1]; k <- length(t); S <- matrix(0, k, k)
  for (i in 1:k) for (j in 1:k)
    S[i, j] <- if (i == j) (t[i] * (1 - t[i]) + c[i] * (1 - c[i])) / 2 else -(t[i] * t[j] + c[i] * c[j]) / 2
  sqrt(as.numeric(t(t - c) %*% solve(S) %*% (t - c)))
}
cat("call,term,estimate,statistic,df,p_value\n")
w <- t.test(one$age, two$age)
row("age", (mean(one$age) - mean(two$age)) / sqrt((var(one$age) + var(two$age)) / 2), w$statistic, w$parameter, w$p.value)
for (name in c("sex", "smoking", "grade")) {
  x <- suppressWarnings(chisq.test(table(d$arm, d[[name]]), correct = FALSE))
  row(name, levels_apart(one[[name]], two[[name]]), x$statistic, x$parameter, x$p.value)
}
