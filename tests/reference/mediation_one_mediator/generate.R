# The same data with the covariate `base` in every model (the unadjusted figures are those of
# ../programs/models.R).
d <- read.csv("data.csv")
cat(R.version.string, "\n")
options(digits = 17)
mm <- lm(m ~ arm + base, d); my <- lm(y ~ arm + m + base, d); mt <- lm(y ~ arm + base, d)
show <- function(what, m, r) cat(what, coef(summary(m))[r, ], m$df.residual, confint(m)[r, ], "\n")
show("total", mt, "arm"); show("direct", my, "arm"); show("a", mm, "arm"); show("b", my, "m")
a <- coef(mm)["arm"]; b <- coef(my)["m"]; sa <- sqrt(vcov(mm)["arm", "arm"]); sb <- sqrt(vcov(my)["m", "m"])
se <- sqrt(a^2 * sb^2 + b^2 * sa^2)
cat("sobel", a * b, se, a * b / se, 2 * pnorm(-abs(a * b / se)), a * b - qnorm(.975) * se, a * b + qnorm(.975) * se, "\n")
cat("aroian", sqrt(se^2 + sa^2 * sb^2), "goodman", se^2 - sa^2 * sb^2, "share", a * b / coef(mt)["arm"], "\n")
rho <- cor(residuals(mm), residuals(mt))
cat("rho", rho, rho^2 * (1 - summary(mm)$r.squared) * (1 - summary(my)$r.squared), "\n")
# The indirect effect, were the errors correlated by rho (Imai, Keele and Yamamoto 2010, theorem 4).
s2 <- sd(residuals(mm)); s1 <- sd(residuals(mt))
for (r in c(-.9, -.5, 0, .3, .9)) cat("at", r, a * s1 / s2 * (rho - r * sqrt((1 - rho^2) / (1 - r^2))), "\n")
jk <- sapply(seq_len(nrow(d)), function(i) { z <- d[-i, ]; coef(lm(m ~ arm + base, z))["arm"] * coef(lm(y ~ arm + m + base, z))["m"] })
l <- mean(jk) - jk
cat("acceleration", sum(l^3) / (6 * sum(l^2)^1.5), "\n")
