# Friedman and Quade on the people who have all four visits; scores tie.
options(digits = 17)
cat(R.version.string, "\n")
d <- read.csv("data.csv"); d <- d[!is.na(d$pain), ]
d <- d[d$id %in% names(which(table(d$id) == 4)), ]; d$id <- factor(d$id)
f <- friedman.test(pain ~ week | id, d); q <- quade.test(pain ~ week | id, d)
print(nlevels(d$id)); print(c(f$statistic, f$parameter, f$p.value)); print(c(q$statistic, q$parameter, q$p.value))
print(unname(f$statistic) / (nlevels(d$id) * 3))
