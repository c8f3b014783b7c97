# Intervals of shares, and tests of two shares, by survey on people.csv, profiles.csv and tables.csv.
suppressPackageStartupMessages(library(survey))

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
here <- if (length(script)) dirname(normalizePath(script)) else getwd()
people <- read.csv(file.path(here, "people.csv"))
profiles <- read.csv(file.path(here, "profiles.csv"))
tables <- read.csv(file.path(here, "tables.csv"))
targets <- list(
  sex = c(Female = 0.55, Male = 0.45), age = c(`18-34` = 0.25, `35-54` = 0.35, `55+` = 0.4)
)

# Weights all one, as given, and raked from those given.
designs_of <- function(data) {
  one <- svydesign(ids = ~id, weights = ~rep(1, nrow(data)), data = data)
  given <- svydesign(ids = ~id, weights = ~weight, data = data)
  total <- sum(data$weight)
  wanted <- c(
    `(Intercept)` = total, sexMale = total * targets$sex[["Male"]],
    `age35-54` = total * targets$age[["35-54"]], `age55+` = total * targets$age[["55+"]]
  )
  raked <- calibrate(given, ~ sex + age, wanted, calfun = "raking", maxit = 200, epsilon = 1e-13)
  list(one = one, given = given, raked = raked)
}

# --- Intervals --------------------------------------------------------------------------------

methods <- c("mean", "logit", "xlogit", "beta")
ends <- c("low", "high")
blank <- function(name) setNames(rep(NA_real_, 2), paste(name, ends, sep = "_"))

interval <- function(method, design, varies) {
  # Where all say the same there is no variance: ends would be where an iteration stopped.
  if (!varies) return(blank(method))
  # It warns of the rows of no weight that a raked design keeps.
  made <- suppressWarnings(svyciprop(~y, design, method = method, level = 0.95, df = degf(design)))
  setNames(as.numeric(attr(made, "ci")), names(blank(method)))
}

simple <- function(design, weights, clustered) {
  if (weights != "one" || clustered) return(c(blank("exact"), blank("score")))
  y <- design$variables$y
  score <- suppressWarnings(prop.test(sum(y), length(y), correct = FALSE)$conf.int)
  setNames(
    c(binom.test(sum(y), length(y))$conf.int, score), c(names(blank("exact")), names(blank("score")))
  )
}

intervals <- list()
for (data in c("people", "profiles")) {
  designs <- designs_of(get(data))
  clustered <- data == "profiles"
  shares <- if (clustered) c("liked", "rare", "never_dear") else names(people)[-(1:5)]
  for (weights in names(designs)) for (share in shares) for (who in c("Total", "A", "B")) {
    for (level in if (clustered) c("low", "mid", "high") else "") {
      design <- designs[[weights]]
      design <- update(design, y = design$variables[[share]])
      if (who != "Total") design <- design[which(design$variables$group == who), ]
      if (level != "") design <- design[which(design$variables$price == level), ]
      inside <- is.finite(design$prob)
      mean <- svymean(~y, design)
      estimate <- coef(mean)[[1]]
      yes <- sum(design$variables$y[inside])
      ends_of <- lapply(methods, interval, design, yes > 0 && yes < sum(inside))
      intervals[[length(intervals) + 1]] <- data.frame(
        data, weights, share, group = who, level,
        n = sum(inside), yes,
        people = length(unique(design$cluster[inside, 1])),
        rows = nrow(design), df = degf(design), estimate, std_error = SE(mean)[[1]],
        as.list(unlist(ends_of)), as.list(simple(design, weights, clustered))
      )
    }
  }
}

# --- Tests of two shares ----------------------------------------------------------------------

test <- function(design, formula) {
  made <- lapply(c("F", "Chisq"), function(kind) svychisq(formula, design, statistic = kind))
  c(
    f = made[[1]]$statistic[[1]], ndf = made[[1]]$parameter[[1]], ddf = made[[1]]$parameter[[2]],
    f_p = made[[1]]$p.value[[1]], x2 = made[[2]]$statistic[[1]], chisq_p = made[[2]]$p.value[[1]]
  )
}

unweighted <- function(counts, weights) {
  if (weights != "one") return(c(fisher_p = NA, pearson_p = NA))
  pearson <- suppressWarnings(chisq.test(counts, correct = FALSE))
  c(fisher_p = fisher.test(counts)$p.value, pearson_p = pearson$p.value)
}

tests <- list()
for (name in names(people)[-(1:5)]) {
  if (length(unique(people[[name]])) < 2) next
  counts <- table(people[[name]], people$group)
  for (weights in c("one", "given", "raked")) {
    design <- designs_of(people)[[weights]]
    design <- update(design, y = design$variables[[name]])
    tests[[length(tests) + 1]] <- data.frame(
      data = "people", weights, table = name, group = "A", reference = "B",
      as.list(c(test(design, ~ y + group), unweighted(counts, weights)))
    )
  }
}
for (name in unique(tables$table)) {
  own <- tables[tables$table == name, ]
  own <- own[rep(seq_len(nrow(own)), own$people), ]
  counts <- table(own$answer, own$group)
  for (weights in c("one", "given")) {
    own$w <- if (weights == "one") 1 else own$weight
    design <- svydesign(ids = ~1, weights = ~w, data = own)
    tests[[length(tests) + 1]] <- data.frame(
      data = "tables", weights, table = name, group = "A", reference = "B",
      as.list(c(test(design, ~ answer + group), unweighted(counts, weights)))
    )
  }
}
# Two levels of an attribute: profiles of the same people stand on both sides.
for (name in c("liked", "rare", "never_dear")) for (pair in list(c("low", "mid"), c("low", "high"))) {
  for (weights in c("one", "given", "raked")) {
    design <- designs_of(profiles)[[weights]]
    design <- update(design, y = design$variables[[name]])
    design <- design[which(design$variables$price %in% pair), ]
    # A raked design keeps those outside with a weight of nought; they may not add a level.
    design <- update(design, price = ifelse(price %in% pair, price, pair[1]))
    tests[[length(tests) + 1]] <- data.frame(
      data = "profiles", weights, table = name, group = pair[1], reference = pair[2],
      as.list(c(test(design, ~ y + price), fisher_p = NA, pearson_p = NA))
    )
  }
}

write <- function(rows, name) {
  frame <- do.call(rbind, rows)
  for (column in names(frame)) if (is.double(frame[[column]])) {
    text <- sprintf("%.17g", frame[[column]])
    frame[[column]] <- ifelse(is.finite(frame[[column]]), text, "")
  }
  write.csv(frame, file.path(here, name), row.names = FALSE, quote = FALSE)
}
write(intervals, "intervals.csv")
write(tests, "tests.csv")
writeLines(c(R.version.string, paste("survey", packageVersion("survey"))), file.path(here, "versions.txt"))
