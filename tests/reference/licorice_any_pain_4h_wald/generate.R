source("../expected.R")

people <- read.csv("../../../data/licorice-sore-throat/participants.csv")
used <- people[!is.na(people$postOp4hour_throatPain), ]
n <- as.vector(table(used$treat))
events <- as.vector(table(used$treat, used$postOp4hour_throatPain > 0)[, "TRUE"])
source("../two_proportions.R")

write_expected(two_proportions(events, n, c("0", "1"), "wald"))
keep_output(prop.test(rev(events), rev(n), correct = FALSE), events, n)
