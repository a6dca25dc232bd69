# nlme::gls with clubSandwich, and lme4 with lmerTest and pbkrtest, on trials SIMULATED here. From this folder:
#   Rscript mmrm_gls.R
# writes data.csv, expected.csv and output.txt of the cases ../mmrm_gls_*. The CSV of a case
# is the reference, not the generator.
suppressMessages({library(nlme); library(lme4); library(lmerTest); library(pbkrtest); library(numDeriv); library(clubSandwich)})
options(digits = 10, width = 120, contrasts = c("contr.treatment", "contr.poly"))
RNGversion("4.2.0")
target <- commandArgs(TRUE)
target <- if (length(target)) target[1] else ".."

simulate <- function(seed, sizes, visits, dropout, missed) {
  set.seed(seed)
  n <- sum(sizes)
  arm <- rep(names(sizes), sizes)
  base <- round(rnorm(n, 50, 8), 1)
  sd <- seq(5, 9, length.out = visits)
  R <- 0.7 * 0.75^abs(outer(seq_len(visits), seq_len(visits), "-")) + 0.3
  e <- matrix(rnorm(n * visits), n) %*% chol(outer(sd, sd) * R)
  effect <- outer(match(arm, names(sizes)) - 1, seq_len(visits)) * 0.9
  y <- round(10 + 0.7 * base - effect + e, 2)
  gone <- t(apply(matrix(runif(n * visits) < dropout, n), 1, cumsum)) > 0
  gone[, 1] <- FALSE
  y[gone | matrix(runif(n * visits) < missed, n)] <- NA
  data.frame(
    USUBJID = rep(sprintf("S%03d", seq_len(n)), each = visits), ARM = rep(arm, each = visits),
    VISIT = rep(paste("Week", seq_len(visits)), n), BASE = rep(base, each = visits),
    AVAL = as.vector(t(y))
  )
}

# gls stops at about 1e-7 of the likelihood. Newton steps on its own objective go on from
# there; what follows is gls's own estimate at their end.
polish <- function(fit, data) {
  structure <- fit$modelStruct
  X <- model.matrix(formula(fit), data)
  con <- list(Xy = cbind(X, AVAL = data$AVAL), logLik = 0, sigma = 0, fixedSigma = FALSE,
    dims = list(N = nrow(X), p = ncol(X), REML = as.integer(fit$method == "REML")))
  minus <- function(par) -logLik(structure, par, con)
  par <- c(coef(structure))
  inverse <- solve(hessian(minus, par))
  best <- minus(par)
  for (step in 1:12) {
    slope <- grad(minus, par)
    moved <- par - c(inverse %*% slope)
    value <- minus(moved)
    if (max(abs(slope)) < 1e-8 || value > best + 1e-9) break
    par <- moved
    best <- value
  }
  coef(structure) <- par
  end <- nlme:::glsEstimate(structure, con)
  # glsEstimate's varBeta is a triangle over sigma; gls multiplies by N / (N - p) under ML,
  # which is undone by leaving it out.
  vcov <- crossprod(end$sigma * end$varBeta)
  R <- corMatrix(structure$corStruct)
  full <- names(R)[vapply(R, nrow, 1L) == nlevels(data$VISIT)][1]
  spread <- end$sigma / if (is.null(structure$varStruct)) rep(1, nlevels(data$VISIT)) else varWeights(structure$varStruct)[data$USUBJID == full]
  list(logLik = end$logLik, beta = end$beta, se = sqrt(diag(vcov)), vcov = vcov, Sigma = R[[full]] * outer(spread, spread), slope = max(abs(slope)))
}

gls_fit <- function(data, cov, reml) {
  correlation <- switch(cov,
    us = corSymm(form = ~ v | USUBJID), cs = , csh = corCompSymm(form = ~ v | USUBJID),
    ar1 = , ar1h = corAR1(form = ~ v | USUBJID))
  weights <- if (cov %in% c("us", "csh", "ar1h")) varIdent(form = ~ 1 | VISIT)
  gls(AVAL ~ BASE + ARM * VISIT, data, correlation = correlation, weights = weights,
    method = if (reml) "REML" else "ML",
    control = glsControl(tolerance = 1e-12, msTol = 1e-14, msMaxIter = 2000, maxIter = 500, opt = "nlminb", apVar = FALSE, returnObject = TRUE))
}

# Coefficients are named as the package names them: ARM[active]:VISIT[Week 2].
ours <- function(names) {
  names <- gsub("(ARM|VISIT)([^:]+)", "\\1[\\2]", names)
  sub("^\\(Intercept\\)$", "Intercept", names)
}
row <- function(call, quantity, term, estimate, std_error = NA, df = NA, p_value = NA, digits = NA, scale = NA, arm = "", reference_arm = "") {
  data.frame(call = call, quantity = quantity, arm = arm, reference_arm = reference_arm, term = term, estimate = estimate,
    std_error = std_error, df = df, p_value = p_value, digits = digits, scale = scale)
}

# The mean and the slope over the visits of the difference of each arm from placebo.
summaries <- function(call, end, data) {
  visits <- nlevels(data$VISIT)
  times <- seq_len(visits) - mean(seq_len(visits))
  weights <- list(average = rep(1 / visits, visits), slope = times / sum(times^2))
  rows <- list()
  for (arm in setdiff(levels(data$ARM), "placebo")) for (term in names(weights)) {
    main <- paste0("ARM", arm)
    L <- setNames(numeric(length(end$beta)), names(end$beta))
    L[main] <- sum(weights[[term]])
    L[paste0(main, ":VISIT", levels(data$VISIT)[-1])] <- weights[[term]][-1]
    rows <- c(rows, list(row(call, "ls_mean_difference", term, sum(L * end$beta), sqrt(c(L %*% end$vcov %*% L)), arm = arm, reference_arm = "placebo")))
  }
  do.call(rbind, rows)
}

trial <- function(name, frame) {
  folder <- file.path(target, name)
  dir.create(folder, showWarnings = FALSE)
  write.csv(frame, file.path(folder, "data.csv"), row.names = FALSE, quote = FALSE, na = "")
  data <- frame[!is.na(frame$AVAL), ]
  data$VISIT <- factor(data$VISIT, unique(frame$VISIT))
  data$ARM <- factor(data$ARM, sort(unique(frame$ARM)))
  data$ARM <- relevel(data$ARM, "placebo")
  data$v <- as.integer(data$VISIT)
  rows <- list()
  sink(file.path(folder, "output.txt"))
  cat(R.version.string, "\n")
  for (package in c("nlme", "lme4", "lmerTest", "pbkrtest", "numDeriv", "clubSandwich")) cat(package, as.character(packageVersion(package)), "\n")
  for (cov in c("us", "cs", "csh", "ar1", "ar1h")) for (reml in c(TRUE, FALSE)) {
    fit <- gls_fit(data, cov, reml)
    end <- polish(fit, data)
    cat(sprintf("\n%s %s: logLik gls %.10f, at the end %.10f, largest slope %.1e\n", cov, fit$method, as.numeric(logLik(fit)), end$logLik, end$slope))
    print(cbind(estimate = end$beta, std_error = end$se))
    call <- paste0(cov, if (reml) "-reml" else "-ml")
    visits <- levels(data$VISIT)
    rows <- c(rows, list(
      row(call, "fit", "log_likelihood", end$logLik, digits = 9, scale = 1),
      row(call, "fit", sprintf("covariance[%s, %s]", visits[1], visits), end$Sigma[1, ], scale = sqrt(end$Sigma[1, 1] * diag(end$Sigma))),
      row(call, "coefficient", ours(names(end$beta)), end$beta, end$se),
      summaries(call, end, data)))
  }
  fit <- gls_fit(data, "cs", TRUE)
  for (type in c("CR0", "CR2", "CR3")) {
    table <- as.data.frame(coef_test(fit, vcov = type, cluster = data$USUBJID, test = "Satterthwaite"))
    cat("\ncs", type, "\n")
    print(table)
    # CR2 takes one of many square roots: with records missing clubSandwich's is another than
    # mmrm's, which hardly moves the df.
    same <- type != "CR2" || !anyNA(frame$AVAL)
    rows <- c(rows, list(row(paste0("cs-", type), "coefficient", ours(table$Coef), table$beta,
      if (same) table$SE else NA, table$df_Satt, if (same) table$p_Satt else NA, scale = if (same) NA else signif(table$SE, 6))))
  }
  fit <- lmerTest::lmer(AVAL ~ BASE + ARM * VISIT + (1 | USUBJID), data, control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12)))
  for (ddf in c("Satterthwaite", "Kenward-Roger")) {
    table <- as.data.frame(coef(summary(fit, ddf = ddf)))
    cat("\nlmer", ddf, as.numeric(logLik(fit)), "\n")
    print(table)
    call <- c(Satterthwaite = "lmer-sat", "Kenward-Roger" = "lmer-kr")[[ddf]]
    # With records missing pbkrtest's df are another quantity (expected information).
    same <- ddf == "Satterthwaite" || !anyNA(frame$AVAL)
    rows <- c(rows, list(row(call, "coefficient", ours(rownames(table)), table$Estimate, table$`Std. Error`,
      if (same) table$df else NA, if (same) table$`Pr(>|t|)` else NA)))
  }
  sink()
  expected <- do.call(rbind, rows)
  for (column in names(expected)) if (is.numeric(expected[[column]])) {
    expected[[column]] <- ifelse(is.na(expected[[column]]), "", sprintf("%.14g", expected[[column]]))
  }
  expected$term <- ifelse(grepl(",", expected$term), paste0('"', expected$term, '"'), expected$term)
  write.table(expected, file.path(folder, "expected.csv"), sep = ",", row.names = FALSE, quote = FALSE, na = "")
}

trial("mmrm_gls_ten_visits", simulate(4101, c(placebo = 30, active = 30), 10, 0.04, 0.04))
trial("mmrm_gls_three_arms", simulate(4102, c(placebo = 8, low = 8, high = 8), 6, 0.03, 0.03))
trial("mmrm_gls_two_visits", simulate(4103, c(placebo = 21, active = 19), 2, 0, 0))
