# Ratings of 36 people of 6 sites at up to 3 visits, 2 to 4 ratings a visit. Run in this folder.
set.seed(20240611)
# nested: site / person / visit with repeated stimuli, unbalanced
n <- 36; P <- data.frame(site = rep(c("s1","s2","s3","s4","s5","s6"), c(3,4,5,6,8,10)), id = sprintf("p%02d", 1:n), arm = rep(c("control","active"), length.out = n), base = round(rnorm(n, 5, 1.5), 1))
us <- setNames(rnorm(6, 0, .9), unique(P$site)); up <- rnorm(n, 0, 1.1); sl <- rnorm(n, 0, .25)
rows <- list(); for (i in 1:n) for (v in 1:3) { if (v > 1 && runif(1) < .12) next; uv <- rnorm(1, 0, .7); k <- sample(2:4, 1); for (j in 1:k) rows[[length(rows)+1]] <- data.frame(P[i,], visit = paste0("V", v), time = v - 1, y = round(4 + us[P$site[i]] + up[i] + (sl[i] - .5*(P$arm[i]=="active"))*(v-1) + .4*P$base[i] + uv + rnorm(1, 0, .8), 2)) }
d <- do.call(rbind, rows); write.csv(d, "data.csv", row.names = FALSE, quote = FALSE)
