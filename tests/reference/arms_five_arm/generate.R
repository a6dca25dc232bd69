source("../expected.R")
suppressMessages({
  library(emmeans); library(sandwich); library(lmtest); library(car)
  library(clubSandwich); library(effectsize); library(mvtnorm); library(statmod)
})
options(contrasts = c("contr.treatment", "contr.poly"))

d <- read.csv("data.csv")
arms <- c("waiting", sort(setdiff(unique(d$arm), "waiting")))
d$arm <- factor(d$arm, levels = arms)
d$site <- factor(d$site)
d$sex <- factor(d$sex)
rows <- list()
`%or%` <- function(a, b) if (is.null(a)) b else a
add <- function(call, ...) {
  frame <- data.frame(call = call, ..., stringsAsFactors = FALSE)
  rows[[length(rows) + 1]] <<- frame
}
# Digits that a p-value keeps when its absolute error is this, at most ten.
kept <- function(p, absolute, most = 10) {
  round(pmax(0.5, pmin(most, log10(p / absolute) - 0.3)), 1)
}
split_pair <- function(text) do.call(rbind, strsplit(as.character(text), " - ", fixed = TRUE))
contrast_rows <- function(call, table, quantity, p_value, digits) {
  pair <- split_pair(table$contrast)
  add(call,
    quantity = quantity, arm = pair[, 1], reference_arm = pair[, 2], estimate = table$estimate,
    std_error = table$SE, df = table$df, statistic = table$t.ratio, p_value = p_value,
    p_adjusted = table$p.value, conf_low = table$lower.CL, conf_high = table$upper.CL,
    digits = digits
  )
}

# Every procedure, without and with covariates. R's ptukey and qtukey are good to 1e-8 here.
plain <- lm(post ~ arm, d)
adjusted <- lm(post ~ arm + base + site, d)
for (name in c("plain", "adjusted")) {
  model <- get(name)
  pairs <- contrast(emmeans(model, ~arm), "revpairwise")
  alone <- as.data.frame(summary(pairs, infer = TRUE, adjust = "none"))$p.value
  for (rule in c("tukey", "bonferroni", "sidak", "scheffe")) {
    quantity <- if (name == "plain") "mean_difference" else "ls_mean_difference"
    table <- as.data.frame(summary(pairs, infer = TRUE, adjust = rule))
    contrast_rows(
      paste0(rule, "_", name), table, quantity, alone,
      switch(rule, tukey = kept(table$p.value, 1e-13, 7), sidak = kept(table$p.value, 4e-16), NA)
    )
  }
}

# Dunnett without covariates: one common factor, Gauss-Legendre in z and in s.
df <- plain$df.residual
V <- vcov(plain)[-1, -1]
R <- cov2cor(V)
b <- sqrt(table(d$arm)[-1] / (table(d$arm)[-1] + table(d$arm)[1]))
stopifnot(max(abs(outer(b, b) - R)[upper.tri(R)]) < 1e-12)
q <- gauss.quad(300)
upper <- 1 + 14 / sqrt(2 * df)
s <- (q$nodes + 1) / 2 * upper
weight <- q$weights / 2 * upper * exp(
  log(2) + df / 2 * log(df / 2) - lgamma(df / 2) + (df - 1) * log(s) - df * s^2 / 2
)
z <- q$nodes * 9
phi <- q$weights * 9 * dnorm(z)
inside <- function(bound) {
  product <- rep(1, length(z))
  for (i in seq_along(b)) {
    own <- sqrt(1 - b[i]^2)
    product <- product * (pnorm((bound - b[i] * z) / own) - pnorm((-bound - b[i] * z) / own))
  }
  sum(phi * product)
}
together <- function(t) sum(weight * vapply(t * s, inside, 0))
critical <- uniroot(function(t) together(t) - 0.95, c(1.5, 4), tol = 1e-14)$root
est <- coef(plain)[-1]
se <- sqrt(diag(V))
p <- 1 - vapply(abs(est / se), together, 0)
add("dunnett_plain",
  quantity = "mean_difference", arm = arms[-1], reference_arm = "waiting", estimate = est,
  std_error = se, df = df, statistic = est / se, p_value = 2 * pt(-abs(est / se), df),
  p_adjusted = p, conf_low = est - critical * se, conf_high = est + critical * se,
  digits = kept(p, 2e-14)
)

# Dunnett with covariates: no common factor. Quasi-Monte-Carlo to an absolute error of 1e-7.
set.seed(1)
df <- adjusted$df.residual
V <- vcov(adjusted)[2:5, 2:5]
est <- coef(adjusted)[2:5]
se <- sqrt(diag(V))
qmc <- GenzBretz(maxpts = 5e7, abseps = 1e-7, releps = 0)
p <- vapply(abs(est / se), function(t) {
  1 - pmvt(rep(-t, 4), rep(t, 4), df = df, corr = cov2cor(V), algorithm = qmc)
}, 0)
seen <- p > 1e-5 # below it the simulation says nothing
add("dunnett_adjusted",
  quantity = "ls_mean_difference", arm = arms[-1][seen], reference_arm = "waiting",
  estimate = est[seen], std_error = se[seen], p_adjusted = p[seen], digits = kept(p[seen], 1e-7, 6)
)

# Three contrasts of four arms by Genz's deterministic three-dimensional algorithm.
four <- droplevels(subset(d, arm != "massage"))
model <- lm(post ~ arm * base + site, four)
V <- vcovHC(model, "HC3")
L <- matrix(0, 3, length(coef(model)), dimnames = list(NULL, names(coef(model))))
centre <- mean(four$base)
for (i in 1:3) {
  L[i, paste0("arm", levels(four$arm)[i + 1])] <- 1
  L[i, paste0("arm", levels(four$arm)[i + 1], ":base")] <- centre
}
est <- drop(L %*% coef(model))
cov3 <- L %*% V %*% t(L)
se <- sqrt(diag(cov3))
signs <- as.matrix(expand.grid(c(1, -1), c(1, -1), c(1, -1)))
box <- function(t) {
  sum(apply(signs, 1, function(sign) {
    prod(sign) * pmvt(rep(-Inf, 3), t * sign,
      df = model$df.residual, corr = cov2cor(cov3), algorithm = TVPACK(1e-14)
    )
  }))
}
p <- 1 - vapply(abs(est / se), box, 0)
add("dunnett_three",
  quantity = "ls_mean_difference", arm = levels(four$arm)[-1], reference_arm = "waiting",
  estimate = est, std_error = se, df = model$df.residual, statistic = est / se,
  p_adjusted = p, digits = kept(p, 2e-15)
)

# Games-Howell, each pair with its own degrees of freedom.
groups <- split(d$post, d$arm)
for (pair in combn(arms, 2, simplify = FALSE)) {
  test <- t.test(groups[[pair[2]]], groups[[pair[1]]])
  bound <- qtukey(0.95, 5, test$parameter) / sqrt(2)
  change <- mean(groups[[pair[2]]]) - mean(groups[[pair[1]]])
  add("games_howell",
    quantity = "mean_difference", arm = pair[2], reference_arm = pair[1], estimate = change,
    std_error = test$stderr, df = test$parameter, statistic = unname(test$statistic),
    p_value = test$p.value,
    p_adjusted = ptukey(abs(test$statistic) * sqrt(2), 5, test$parameter, lower.tail = FALSE),
    conf_low = change - bound * test$stderr, conf_high = change + bound * test$stderr,
    digits = 6
  )
}

# One-way tests; shares of variance whose limits are above 0.
for (equal in c(TRUE, FALSE)) {
  test <- oneway.test(post ~ arm, d, var.equal = equal)
  add(if (equal) "one_way" else "one_way_welch",
    quantity = "joint_test", df_num = unname(test$parameter[1]), df = unname(test$parameter[2]),
    statistic = unname(test$statistic), p_value = test$p.value
  )
}

# Terms with robust standard errors, on a model with two interactions.
formula <- post ~ arm * base + site * sex
sums <- lm(formula, d, contrasts = list(arm = "contr.sum", site = "contr.sum", sex = "contr.sum"))
for (type in c("III", "II")) {
  for (errors in c("model", "HC3")) {
    table <- if (errors == "model") {
      Anova(sums, type = type)
    } else {
      suppressMessages(Anova(sums, type = type, vcov. = vcovHC(sums, "HC3")))
    }
    keep <- !rownames(table) %in% c("(Intercept)", "Residuals")
    add(paste0("terms_", type, "_", errors),
      quantity = "joint_test", term = rownames(table)[keep], df_num = table$Df[keep],
      df = sums$df.residual, statistic = table[["F"]][keep] %or% table[["F value"]][keep],
      p_value = table[["Pr(>F)"]][keep]
    )
  }
}

# Cluster-robust coefficients with Bell and McCaffrey's degrees of freedom.
cluster <- coef_test(adjusted, vcov = "CR2", cluster = d$therapist, test = "Satterthwaite")
terms <- sub("^site(.*)$", "site[\\1]", sub("^arm(.*)$", "arm[\\1]", names(coef(adjusted))))
terms[1] <- "Intercept"
add("clusters",
  quantity = "coefficient", term = terms, estimate = cluster$beta, std_error = cluster$SE,
  df = if (is.null(cluster$df)) cluster$df_Satt else cluster$df, statistic = cluster$tstat,
  p_value = if (is.null(cluster$p_Satt)) cluster$p_val else cluster$p_Satt
)

# Adjusted means weighted by people, in a model where the weights matter.
model <- lm(post ~ arm + site * base + arm:sex + sex, d)
means <- summary(emmeans(model, ~arm, weights = "proportional"), infer = TRUE)
add("proportional",
  quantity = "ls_mean", arm = as.character(means$arm), estimate = means$emmean,
  std_error = means$SE, df = means$df, conf_low = means$lower.CL, conf_high = means$upper.CL
)

# A slope in each arm, covariates centred over everyone: ANHECOVA.
d$base_c <- d$base - mean(d$base)
d$male_c <- (d$sex == "M") - mean(d$sex == "M")
model <- lm(post ~ arm * (base_c + male_c), d)
centred <- c("base_c", "male_c")
for (errors in c("model", "HC0", "HC2", "HC3", "superpopulation")) {
  V <- if (errors == "model") {
    vcov(model)
  } else {
    vcovHC(model, if (errors == "superpopulation") "HC2" else errors)
  }
  est <- coef(model)[2:5]
  variance <- diag(V)[2:5]
  if (errors == "superpopulation") {
    # The people are a sample: the difference of their predictions varies too.
    for (i in 1:4) {
      slopes <- coef(model)[paste0("arm", arms[i + 1], ":", centred)]
      predicted <- drop(as.matrix(d[, centred]) %*% slopes)
      variance[i] <- variance[i] + var(predicted) / nrow(d)
    }
  }
  se <- sqrt(variance)
  half <- qt(0.975, model$df.residual) * se
  add(paste0("anhecova_", errors),
    quantity = "ls_mean_difference", arm = arms[-1], reference_arm = "waiting", estimate = est,
    std_error = se, df = model$df.residual, statistic = est / se,
    p_value = 2 * pt(-abs(est / se), model$df.residual), conf_low = est - half, conf_high = est + half
  )
}

# Diagnostics.
test <- bptest(adjusted)
add("diagnostics",
  quantity = "assumption_test", term = "equal_variances", df = unname(test$parameter),
  statistic = unname(test$statistic), p_value = unname(test$p.value)
)
add("diagnostics",
  quantity = "fit", term = c("largest_leverage", "largest_cooks_distance", "largest_std_residual"),
  estimate = c(max(hatvalues(adjusted)), max(cooks.distance(adjusted)), max(abs(rstandard(adjusted))))
)

columns <- c(
  "call", "quantity", "arm", "reference_arm", "term", "estimate", "std_error", "df_num", "df",
  "statistic", "p_value", "p_adjusted", "conf_low", "conf_high", "digits"
)
whole <- do.call(rbind, lapply(rows, function(frame) {
  frame[setdiff(columns, names(frame))] <- NA
  frame[columns]
}))
write_expected(whole)
keep_output(
  eta_squared(aov(post ~ arm, d)), omega_squared(aov(post ~ arm, d)),
  epsilon_squared(aov(post ~ arm, d)), summary(adjusted), cluster, summary(model),
  packages = c(
    "emmeans", "sandwich", "lmtest", "car", "clubSandwich", "effectsize", "mvtnorm", "statmod"
  )
)
