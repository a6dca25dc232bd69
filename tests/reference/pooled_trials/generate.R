# Arm by trial, added to the one-stage model. Run in this folder: Rscript generate.R > output.txt
# Every other figure is of tests/reference/programs/models.R.
d <- read.csv("data.csv")
d$trial <- factor(d$trial)
added <- anova(lm(post ~ arm + pre + trial, d), lm(post ~ arm * trial + pre, d))
cat(R.version.string, "\n")
cat(sprintf("F %.17g on %g and %g df, p %.17g\n", added$F[2], added$Df[2], added$Res.Df[2], added$`Pr(>F)`[2]))
