# survey::rake on the people and targets that raking.py wrote; prints a line of JSON.
suppressPackageStartupMessages(library(survey))
arguments <- commandArgs(trailingOnly = TRUE)
folder <- arguments[1]
d <- read.csv(file.path(folder, "people.csv"), stringsAsFactors = TRUE)
targets <- read.csv(file.path(folder, "targets.csv"), stringsAsFactors = FALSE)
margins <- unique(targets$margin)
population <- lapply(margins, function(name) {
  own <- targets[targets$margin == name, ]
  setNames(data.frame(own$category, own$share * nrow(d)), c(name, "Freq"))
})
formulas <- lapply(margins, reformulate)
# An epsilon below one counts in parts of the sum of weights; at 1e-8 it stops ten times as far off.
rake_once <- function() {
  design <- svydesign(ids = ~1, data = d, weights = rep(1, nrow(d)))
  rake(design, formulas, population, control = list(maxit = 1000, epsilon = 1e-9, verbose = FALSE))
}
raked <- rake_once()
seconds <- replicate(as.integer(arguments[2]), {
  gc()
  as.numeric(system.time(raked <<- rake_once())["elapsed"])
})
write.csv(data.frame(weight = weights(raked)), file.path(folder, "weights.csv"), row.names = FALSE)
cat(sprintf('{"seconds": %.4f}\n', median(seconds)))
