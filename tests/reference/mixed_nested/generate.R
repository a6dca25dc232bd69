# Random effects by lme4, lmerTest and pbkrtest, for tests/reference/mixed_pooled and mixed_nested.
# Run in this folder: Rscript generate.R > output.txt. It writes both expected.csv; data.csv was
# simulated by simulate.R, the pooled trials are those of ../pooled_trials.
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(emmeans); library(numDeriv)})
emm_options(lmerTest.limit = 1e4, pbkrtest.limit = 1e4)

# lmer stops at a relative change of 1e-7 or so; Newton steps on its own objective go on from there.
# A parameter on its bound (a variance of zero) stays there.
polished <- function(formula, data, reml) {
  parts <- lFormula(formula, data, REML = reml)
  objective <- do.call(mkLmerDevfun, parts)
  start <- optimizeLmer(objective, control = list(rhoend = 1e-10))
  theta <- start$par
  free <- !(parts$reTrms$lower == 0 & theta < 1e-5)
  theta[!free] <- 0
  # numDeriv's steps are relative to the argument: around 1 they are d for every parameter.
  along <- function(s) { t <- theta; t[free] <- theta[free] + s - 1; objective(t) }
  one <- rep(1, sum(free)); slope <- 0
  if (any(free)) for (i in 1:8) {
    g <- grad(along, one, method.args = list(d = 0.01, r = 6)); slope <- max(abs(g))
    theta[free] <- theta[free] - solve(hessian(along, one, method.args = list(d = 0.01)), g)
  }
  start$par <- theta; start$fval <- objective(theta); start$conv <- 0
  call <- bquote(lmer(formula = .(formula), data = data, REML = .(reml)))
  model <- mkMerMod(environment(objective), start, parts$reTrms, fr = parts$fr, mc = call)
  list(model = as_lmerModLmerTest(model), gradient = slope)
}

spoken <- function(names, levels) {
  names <- sub("^\\(Intercept\\)$", "Intercept", names)
  for (v in names(levels)) names <- gsub(paste0("\\b", v, "(", paste(levels[[v]], collapse = "|"), ")(?=$|:)"), paste0(v, "[\\1]"), names, perl = TRUE)
  names
}
blank <- function(n) data.frame(quantity = rep(NA, n), visit = NA, arm = NA, reference_arm = NA, term = NA, estimate = NA, std_error = NA, df = NA, df_num = NA, statistic = NA, p_value = NA)
fill <- function(...) { k <- list(...); b <- blank(max(lengths(k))); for (n in names(k)) b[[n]] <- k[[n]]; b }

rows <- function(call, formula, data, reml, levels, by = NULL, ddf = "Satterthwaite") {
  p <- polished(formula, data, reml); m <- p$model
  cat(sprintf("%-32s %-70s singular %-5s gradient %.1e\n", call, deparse1(formula), isSingular(m), p$gradient))
  s <- coef(summary(m, ddf = ddf))
  out <- list(fill(quantity = "coefficient", term = spoken(rownames(s), levels), estimate = s[, 1], std_error = s[, 2], df = s[, 3], statistic = s[, 4], p_value = s[, 5]))
  e <- suppressMessages(emmeans(m, as.formula(if (is.null(by)) "~ arm" else paste("~ arm |", by)), lmer.df = tolower(ddf), data = data))
  k <- as.data.frame(summary(e, infer = TRUE))
  out <- c(out, list(fill(quantity = "ls_mean", arm = as.character(k$arm), visit = if (is.null(by)) NA else as.character(k[[by]]), estimate = k$emmean, std_error = k$SE, df = k$df)))
  k <- as.data.frame(summary(contrast(e, "trt.vs.ctrl", ref = 1), infer = TRUE, adjust = "none"))
  out <- c(out, list(fill(quantity = "ls_mean_difference", arm = levels$arm[2], reference_arm = levels$arm[1], visit = if (is.null(by)) NA else as.character(k[[by]]), estimate = k$estimate, std_error = k$SE, df = k$df, statistic = k$t.ratio, p_value = k$p.value)))
  if (ddf == "Satterthwaite") {
    v <- as.data.frame(VarCorr(m))
    label <- function(g, c) { c <- rep(c, length.out = length(g)); ifelse(c == "(Intercept)", g, paste(spoken(c, levels), "|", g)) }
    single <- is.na(v$var2); g <- sub("\\.[0-9]+$", "", v$grp)
    named <- ifelse(v$grp == "Residual", "residual", label(g, ifelse(is.na(v$var1), "", v$var1)))
    out <- c(out, list(fill(quantity = "fit", term = paste0("variance[", named[single], "]"), estimate = v$vcov[single])))
    pair <- which(!single & is.finite(v$sdcor))
    if (length(pair)) out <- c(out, list(fill(quantity = "fit", term = sprintf("correlation[%s, %s | %s]", spoken(v$var1[pair], levels), spoken(v$var2[pair], levels), g[pair]), estimate = v$sdcor[pair])))
    out <- c(out, list(fill(quantity = "fit", term = c("log_likelihood", "n_records"), estimate = c(as.numeric(logLik(m)), nobs(m)))))
  }
  if (is.null(by)) {
    a <- anova(m, ddf = ddf, type = 3)["arm", ]
    out <- c(out, list(fill(quantity = "joint_test", term = "arm", df_num = a$NumDF, df = a$DenDF, statistic = a$`F value`, p_value = a$`Pr(>F)`)))
  } else {
    a <- anova(m, ddf = ddf, type = 3)[paste0("arm:", by), ]
    out <- c(out, list(fill(quantity = "joint_test", term = "arm:visit", df_num = a$NumDF, df = a$DenDF, statistic = a$`F value`, p_value = a$`Pr(>F)`)))
  }
  predicted <- if (reml && ddf == "Satterthwaite" && !is.null(ranef(m)$trial) && call != "independent_REML") { r <- ranef(m)$trial; fill(quantity = "fit", term = unlist(lapply(names(r), function(c) sprintf("random_effect[%s]", label(paste("trial", rownames(r)), c)))), estimate = unlist(r)) }
  cbind(call = call, do.call(rbind, c(out, list(predicted))))
}
write <- function(tables, file) {
  t <- do.call(rbind, tables)
  numbers <- intersect(c("estimate", "std_error", "df", "df_num", "statistic", "p_value", "conf_low", "conf_high"), names(t))
  for (n in numbers) t[[n]] <- ifelse(is.na(t[[n]]), "", sprintf("%.15g", t[[n]]))
  for (n in setdiff(names(t), numbers)) t[[n]] <- ifelse(is.na(t[[n]]), "", ifelse(grepl(",", t[[n]]), paste0("\"", t[[n]], "\""), t[[n]]))
  write.table(t, file, sep = ",", quote = FALSE, row.names = FALSE)
}
cat(R.version.string, " lme4", as.character(packageVersion("lme4")), " lmerTest", as.character(packageVersion("lmerTest")), " pbkrtest", as.character(packageVersion("pbkrtest")), " emmeans", as.character(packageVersion("emmeans")), "\n")

data <- read.csv("../pooled_trials/data.csv"); data$arm <- factor(data$arm); data$trial <- factor(data$trial); data$active <- as.numeric(data$arm == "1")
levels <- list(arm = c("0", "1"))
independent <- post ~ arm + pre + (1 | trial) + (0 + active | trial)
tables <- list()
for (reml in c(TRUE, FALSE)) { how <- if (reml) "REML" else "ML"
  tables <- c(tables, list(rows(paste0("intercept_", how), post ~ arm + pre + (1 | trial), data, reml, levels)))
  tables <- c(tables, list(rows(paste0("slope_", how), post ~ arm + pre + (1 + arm | trial), data, reml, levels)))
  tables <- c(tables, list(rows(paste0("independent_", how), independent, data, reml, levels))) }
tables <- c(tables, list(rows("intercept_expected", post ~ arm + pre + (1 | trial), data, TRUE, levels, ddf = "Kenward-Roger"), rows("slope_expected", post ~ arm + pre + (1 + arm | trial), data, TRUE, levels, ddf = "Kenward-Roger")))
tables <- lapply(tables, function(t) { t$term <- sub("active |", "arm[1] |", t$term, fixed = TRUE); t })

# Profile limits: the coefficient held by an offset, the rest refitted, roots of the likelihood ratio.
whole <- as.numeric(logLik(polished(post ~ active + pre + (1 | trial), data, FALSE)$model))
held <- list("Intercept" = function(c) { data$o <- c; polished(post ~ 0 + active + pre + (1 | trial) + offset(o), data, FALSE) },
             "arm[1]" = function(c) { data$o <- c * data$active; polished(post ~ pre + (1 | trial) + offset(o), data, FALSE) },
             "pre" = function(c) { data$o <- c * data$pre; polished(post ~ active + (1 | trial) + offset(o), data, FALSE) })
s <- coef(summary(polished(post ~ active + pre + (1 | trial), data, FALSE)$model))
profiles <- lapply(seq_along(held), function(j) {
  loss <- function(c) 2 * (whole - as.numeric(logLik(held[[j]](c)$model)))
  root <- function(sign) uniroot(function(c) loss(c) - qchisq(.95, 1), s[j, 1] + sign * s[j, 2] * c(1, 4), tol = 1e-11)$root
  b <- fill(quantity = "coefficient", term = names(held)[j], df = 1, statistic = loss(0), p_value = pchisq(loss(0), 1, lower.tail = FALSE))
  cbind(call = "profile", b, conf_low = root(-1), conf_high = root(1))
})
tables <- lapply(tables, function(t) cbind(t, conf_low = NA, conf_high = NA))
write(c(tables, profiles), "../mixed_pooled/expected.csv")

data <- read.csv("data.csv"); data$arm <- factor(data$arm, c("control", "active")); for (v in c("site", "id", "visit")) data[[v]] <- factor(data[[v]])
levels <- list(arm = c("control", "active"), visit = c("V1", "V2", "V3"))
visits <- y ~ arm * visit + base + (1 | id) + (1 | id:visit)
sites <- y ~ arm * visit + base + (1 | site) + (1 | id) + (1 | id:visit)
write(list(
  rows("person_REML", y ~ arm + base + (1 | id), data, TRUE, levels),
  rows("person_ML", y ~ arm + base + (1 | id), data, FALSE, levels),
  rows("slope_REML", y ~ arm + base + time + (1 + time | id), data, TRUE, levels),
  rows("independent_ML", y ~ arm + base + time + (1 | id) + (0 + time | id), data, FALSE, levels),
  rows("visits_REML", visits, data, TRUE, levels, "visit"),
  rows("visits_ML", visits, data, FALSE, levels, "visit"),
  rows("sites_REML", sites, data, TRUE, levels, "visit"),
  rows("visits_expected", visits, data, TRUE, levels, "visit", "Kenward-Roger"),
  rows("sites_expected", sites, data, TRUE, levels, "visit", "Kenward-Roger"),
  rows("singular_slope_ML", y ~ arm + base + time + (1 + time | id) + (1 | id:visit), data, FALSE, levels)
), "expected.csv")
