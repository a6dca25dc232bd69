# Signed ranks of changes in tenths: some changes are equal, but not in doubles.
suppressMessages({library(coin); library(exactRankTests)})
options(digits = 17, warn = -1)
cat(R.version.string, "; coin ", format(packageVersion("coin")),
    "; exactRankTests ", format(packageVersion("exactRankTests")), "\n", sep = "")
d <- read.csv("data.csv"); z <- round(d$post - d$pre, 6); raw <- d$post - d$pre
n <- length(z); q <- factor(rep(c("post", "pre"), each = n)); b <- factor(rep(seq_len(n), 2))
cat("sizes of change: ", length(unique(abs(z))), " rounded, ", length(unique(abs(raw))), " bitwise\n")
pratt <- wilcoxsign_test(c(z, rep(0, n)) ~ q | b, zero.method = "Pratt", distribution = "exact")
w <- outer(z, z, "+") / 2
print(c(V = unname(wilcox.test(z, exact = FALSE)$statistic),
        exact = wilcox.exact(z, exact = TRUE)$p.value,
        normal = wilcox.test(z, exact = FALSE, correct = FALSE)$p.value,
        corrected = wilcox.test(z, exact = FALSE)$p.value,
        corrected_less = wilcox.test(z, exact = FALSE, alternative = "less")$p.value,
        pratt_exact = pvalue(pratt), pratt_z = unname(statistic(pratt)),
        walsh = median(w[upper.tri(w, diag = TRUE)]),
        V_bitwise = unname(wilcox.test(raw, exact = FALSE)$statistic),
        corrected_bitwise = wilcox.test(raw, exact = FALSE)$p.value))
s <- binom.test(sum(z > 0), sum(z != 0)); print(c(s$p.value, s$estimate, s$conf.int))
