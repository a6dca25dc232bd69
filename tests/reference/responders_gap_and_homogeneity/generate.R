# The exact Kolmogorov-Smirnov test with ties, and Breslow-Day with Tarone's correction.
# Run in this folder: Rscript generate.R > output.txt
suppressMessages(library(metafor))
cat(R.version.string, "\nmetafor", as.character(packageVersion("metafor")), "\n\n")
d <- read.csv("data.csv")
k <- ks.test(d$y[d$arm == 1], d$y[d$arm == 0], exact = TRUE)
b <- read.csv("../responders_strata/data.csv")
cells <- function(a, r) as.numeric(table(factor(b$stratum[b$arm == a & b$resp == r], sort(unique(b$stratum)))))
m <- rma.mh(measure = "OR", ai = cells(1, 1), bi = cells(1, 0), ci = cells(0, 1), di = cells(0, 0), add = 0)
rows <- data.frame(
  call = c("gap", "homogeneity"), quantity = c(NA, "chi_square"), term = c(NA, "breslow_day"),
  df = c(NA, m$k - 1), statistic = c(k$statistic, m$TA), p_value = c(k$p.value, m$TAp)
)
for (x in names(rows)) if (is.numeric(rows[[x]])) rows[[x]] <- ifelse(is.na(rows[[x]]), "", sprintf("%.17g", rows[[x]]))
write.csv(rows, "expected.csv", row.names = FALSE, quote = FALSE, na = "")
print(k); print(m)
