# Rows of expected.csv from metafor's fits; used by the generate.R of the meta_* cases.
suppressMessages(library(metafor))

WORDS <- c(
  EE = "equal_effects", DL = "dersimonian_laird", REML = "restricted_maximum_likelihood",
  ML = "maximum_likelihood", PM = "paule_mandel", HE = "hedges", HS = "hunter_schmidt",
  SJ = "sidik_jonkman", EB = "empirical_bayes"
)
TESTS <- c(
  z = "z", t = "t", knha = "hartung_knapp", adhoc = "hartung_knapp_never_narrower"
)
COLUMNS <- c(
  "call", "quantity", "term", "estimate", "std_error", "df_num", "df", "statistic", "p_value",
  "conf_low", "conf_high", "digits"
)
rows <- list()
calls <- character()

add <- function(call, quantity, term = "", ...) {
  given <- list(...)
  row <- setNames(as.list(rep("", length(COLUMNS))), COLUMNS)
  row[c("call", "quantity", "term")] <- list(call, quantity, term)
  row[names(given)] <- lapply(given, function(x) sprintf("%.17g", x))
  rows[[length(rows) + 1]] <<- row
}

# The tightest threshold at which Fisher scoring converges.
tight <- function(...) {
  for (threshold in c(1e-14, 1e-12, 1e-10, 1e-8)) {
    control <- list(threshold = threshold, maxiter = 2000, tol = 1e-13)
    fit <- tryCatch(suppressWarnings(rma(..., control = control)), error = function(e) NULL)
    if (!is.null(fit)) return(fit)
  }
  stop("no convergence")
}

average <- function(call, fit, riley = FALSE) {
  df <- if (fit$test %in% c("t", "knha", "adhoc")) list(df = fit$k - 1) else list()
  do.call(add, c(
    list(call, "pooled_estimate", estimate = c(fit$b), std_error = fit$se),
    df,
    list(statistic = fit$zval, p_value = fit$pval, conf_low = fit$ci.lb, conf_high = fit$ci.ub)
  ))
  if (fit$method != "EE") {
    p <- predict(fit, pi.type = if (riley) "riley" else "default")
    add(call, "prediction", estimate = c(fit$b), conf_low = p$pi.lb, conf_high = p$pi.ub)
  }
}

spread <- function(call, fit) {
  if (fit$method != "EE") {
    limits <- confint(fit, control = list(tol = 1e-12))$random
    for (part in list(c("tau_squared", 1), c("tau", 2), c("I_squared", 3), c("H_squared", 4))) {
      line <- limits[as.integer(part[2]), ]
      add(call, "heterogeneity", part[1], estimate = line[1], conf_low = line[2], conf_high = line[3])
    }
    add(call, "heterogeneity", "tau_squared", std_error = fit$se.tau2)
  } else {
    add(call, "heterogeneity", "I_squared", estimate = fit$I2)
    add(call, "heterogeneity", "H_squared", estimate = fit$H2)
  }
  add(call, "heterogeneity", "Q", statistic = fit$QE, df = fit$k - 1, p_value = fit$QEp)
  add(call, "fit", "log_likelihood", estimate = as.numeric(logLik(fit)))
}

finish <- function(folder) {
  table <- do.call(rbind, lapply(rows, as.data.frame))
  table <- table[, colSums(table != "") > 0]
  write.csv(table, file.path(folder, "expected.csv"), row.names = FALSE, quote = FALSE)
  cat(R.version.string, "metafor", as.character(packageVersion("metafor")), "\n")
  cat(nrow(table), "rows in", length(unique(table$call)), "calls\n")
}
