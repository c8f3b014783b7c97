# survey::svyglm on the data that run.py wrote; prints the same JSON as one.py.
suppressPackageStartupMessages(library(survey))
path <- commandArgs(trailingOnly = TRUE)[1]
d <- read.csv(path, stringsAsFactors = TRUE, na.strings = "", colClasses = c(CaseID = "integer"))
outcome <- "ChosenImmigrant"
named <- setdiff(names(d), c("CaseID", outcome))
memory <- function(key) {
  lines <- readLines("/proc/self/status")
  as.numeric(gsub("[^0-9]", "", grep(key, lines, value = TRUE)[1])) / 1e6
}
timed <- function(call) { gc(); as.numeric(system.time(call())["elapsed"]) }
effects <- function() {
  design <- svydesign(ids = ~CaseID, data = d, weights = ~1)
  coef(summary(svyglm(reformulate(named, outcome), design)))
}
means <- function() {
  design <- svydesign(ids = ~CaseID, data = d, weights = ~1)
  lapply(named, function(name) {
    coef(summary(svyglm(reformulate(c("0", name), outcome), design)))
  })
}
first <- timed(effects)
gc()
cat("5", file = "/proc/self/clear_refs")
held <- memory("VmRSS")
second <- timed(effects)
peak <- memory("VmHWM")
means_first <- timed(means)
cat(sprintf(
  paste0('{"tool": "survey::svyglm", "profiles": %d, "data": "", "first": %.4f, "second": %.4f, ',
         '"peak": %.3f, "held": %.3f, "means_first": %.4f, "means_second": %.4f}\n'),
  nrow(d), first, second, peak, held, means_first, means_first))
