// Packages as weights on coefficients. A package is a list with one entry an attribute: the place of
// its level, behind all levels that of not shown, or null where the attribute is averaged over the design.

const data = JSON.parse(document.getElementById("data").textContent);

// Names that run from right to left shall not turn the sentence they stand in.
function isolated(text) {
  return /[\u0590-\u08ff\ufb1d-\ufefc]/.test(text) ? `\u2068${text}\u2069` : text;
}

const observed = data.grid ? [data.grid, ...data.grid.groups.flatMap((one) => [one, ...one.cells])] : [];
for (const own of [data, ...observed, ...data.groups, ...data.outcomes.flatMap((one) => [one, ...one.shares]), ...data.attributes.flatMap((one) => [one, ...one.levels])]) {
  for (const name of ["label", "noun", "profile", "profiles", "name", "pair", "wording"]) {
    if (own[name]) own[name] = isolated(own[name]);
  }
}
data.hidden = data.hidden.map(isolated);

for (const block of data.blocks) {
  block.levels = block.drawn.map((_, cell) => levelsOf(cell, block.shape));
}

// The level of each attribute in a joint cell; the last attribute turns fastest.
function levelsOf(cell, shape) {
  const levels = new Array(shape.length);
  for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
    levels[axis] = cell % shape[axis];
    cell = Math.floor(cell / shape[axis]);
  }
  return levels;
}

// Which attributes of a block each cell shows, as bits; the last state of one that is not always shown is not shown.
for (const block of data.blocks) {
  block.bits = block.levels.map((levels) => levels.reduce((bits, level, axis) => (
    level < data.attributes[block.attributes[axis]].levels.length ? bits | (1 << axis) : bits), 0));
  block.always = block.attributes.every((place) => !data.attributes[place].sometimes);
}

// Sets of attributes that profiles show together, each with how many profiles; the always shown left out.
const patterns = (data.presence || []).map(([places, count]) => ({places: new Set(places), count}));
const nProfiles = profilesOf(patterns);
const beside = new Map();

function profilesOf(some) {
  return some.reduce((sum, own) => sum + own.count, 0);
}

function isAbsent(chosen, place) {
  return chosen[place] === data.attributes[place].levels.length;
}

// The attributes of a package that are not always shown.
function sometimesOf(chosen) {
  return chosenPlaces(chosen).filter((place) => data.attributes[place].sometimes);
}

// What an attribute that is not always shown is averaged over, where a package shows or lacks others: in what
// share of profiles it is so, and how often the design draws each cell of each block in these; null where none is.
function besideOf(chosen) {
  if (!data.presence) return {share: 1, each: data.blocks.map((block) => block.drawn)};
  const named = sometimesOf(chosen), key = named.map((place) => `${place}${isAbsent(chosen, place)}`).join();
  if (!beside.has(key)) {
    const there = patterns.filter((own) => named.every((place) => own.places.has(place) !== isAbsent(chosen, place)));
    const total = profilesOf(there);
    beside.set(key, total ? {share: total / nProfiles, each: data.blocks.map((block) => drawnAmong(block, there))} : null);
  }
  return beside.get(key);
}

function drawnAmong(block, there) {
  if (block.always) return block.drawn;
  const now = new Map(), all = new Map();
  const add = (sums, bits, count) => sums.set(bits, (sums.get(bits) || 0) + count);
  const bitsOf = (places) => block.attributes.reduce((bits, place, axis) => (
    !data.attributes[place].sometimes || places.has(place) ? bits | (1 << axis) : bits), 0);
  for (const own of there) add(now, bitsOf(own.places), own.count);
  block.drawn.forEach((share, cell) => add(all, block.bits[cell], share));
  const total = profilesOf(there);
  return block.drawn.map((share, cell) => (
    share ? (share / all.get(block.bits[cell])) * ((now.get(block.bits[cell]) || 0) / total) : 0));
}

function inside(block, cell, chosen) {
  return block.attributes.every(
    (attribute, axis) => chosen[attribute] === null || chosen[attribute] === block.levels[cell][axis]);
}

// How often the design draws a package.
function drawn(chosen) {
  const like = besideOf(chosen);
  return like === null ? 0 : data.blocks.reduce((share, block, place) => share * like.each[place].reduce(
    (sum, own, cell) => sum + (inside(block, cell, chosen) ? own : 0), 0), like.share);
}

function modelOf(outcome, measure, group) {
  const model = data.models[`${outcome}|${measure}|${group}`] || null;
  if (model) model.shown = data.shown[`${outcome}|support|${group}`] || {};
  return model;
}

// Whether a group saw a profile that shows and lacks what a package does, as far as attributes are not always shown.
function sawTogether(model, chosen) {
  const named = sometimesOf(chosen);
  const letters = named.length > 1 && model.shown[named.join(",")];
  if (!letters) return true;
  const shape = named.map(statesOf);
  return [...letters].some((letter, cell) => letter !== "n"
    && levelsOf(cell, shape).every((level, axis) => (level === shape[axis] - 1) === isAbsent(chosen, named[axis])));
}

function statesOf(place) {
  return data.attributes[place].levels.length + (data.attributes[place].sometimes ? 1 : 0);
}

// Weights on a model's coefficients, without its intercept; null where its group saw nothing of it.
function weightsOf(model, chosen) {
  const x = new Float64Array(model.b.length + model.together.length), like = besideOf(chosen);
  if (like === null || !sawTogether(model, chosen)) return null;
  for (let place = 0; place < data.blocks.length; place += 1) {
    const block = data.blocks[place], columns = model.columns[place];
    const cells = [];
    let seen = 0;
    like.each[place].forEach((share, cell) => {
      if (share > 0 && columns[cell] >= 0 && inside(block, cell, chosen)) {
        cells.push(cell);
        seen += share;
      }
    });
    if (!seen) return null;
    for (const cell of cells) {
      if (columns[cell] > 0) x[columns[cell]] += like.each[place][cell] / seen;
    }
  }
  return x;
}

// The score interval of a mean within the ends of its scale: see estimates/interval.py.
function withinScale(model, value, variance) {
  const [low, high] = model.ends, width = high - low, share = (value - low) / width, edge = 1e-9;
  if (share < -edge || share > 1 + edge) {
    const reach = model.t * Math.sqrt(variance);
    return [Math.max(value - reach, Math.min(low, value)), Math.min(value + reach, Math.max(high, value))];
  }
  const p = Math.min(Math.max(share, 0), 1), spread = p * (1 - p);
  const inverse = spread <= edge * edge ? 1 / model.e : variance / (width * width * spread);
  const square = model.t * model.t * inverse, middle = (p + square / 2) / (1 + square);
  const reach = Math.sqrt(square * (spread + square / 4)) / (1 + square);
  const ends = [p <= edge ? 0 : middle - reach, p >= 1 - edge ? 1 : middle + reach];
  return (inverse > 0 ? ends : [p, p]).map((end) => low + width * Math.min(Math.max(end, 0), 1));
}

// Whether the data can tell x'b. A column that goes with others has no coefficient: it stands behind those
// that have one, and counts by what it is made of.
function isTold(model, x) {
  const size = Math.max(1, ...x.map(Math.abs));
  return model.together.every((made, place) => {
    const gap = made.reduce((rest, [column, share]) => rest - x[column] * share, x[model.b.length + place]);
    return Math.abs(gap) < 1e-7 * size;
  });
}

// The nodes of the integral that means of a logistic curve are: see scenario/bounded.py.
const STEP = 0.05;
const nodes = Array.from({length: 240}, (_, at) => STEP * (at + 0.5)).map((t) => ({t, kernel: STEP / Math.sinh(Math.PI * t)}));

// Attributes that are shown, or not, of those that no package here names, and in what share of the profiles
// that show and lack what one of the packages does.
function patternsFor(packages) {
  const free = data.attributes.map((_, place) => place)
    .filter((place) => data.attributes[place].sometimes && packages.every((chosen) => chosen[place] === null));
  if (!free.length) return [{share: 1, free, places: new Set()}];
  const like = patterns.filter((own) => packages.some((chosen) => sometimesOf(chosen)
    .every((place) => own.places.has(place) !== isAbsent(chosen, place))));
  const found = new Map();
  for (const own of like) {
    const places = free.filter((place) => own.places.has(place)), key = places.join();
    if (!found.has(key)) found.set(key, {share: 0, free, places: new Set(places)});
    found.get(key).share += own.count;
  }
  return [...found.values()];
}

// The cells of one block that a package leaves open, where a pattern of attributes is shown; null for none.
function openCells(model, place, shares, chosen, pattern) {
  const block = data.blocks[place], columns = model.columns[place], cells = [];
  let seen = 0;
  shares.forEach((share, cell) => {
    const fits = share > 0 && columns[cell] >= 0 && inside(block, cell, chosen) && block.attributes.every((attribute, axis) => (
      !pattern.free.includes(attribute)
      || pattern.places.has(attribute) === (block.levels[cell][axis] < data.attributes[attribute].levels.length)));
    if (!fits) return;
    const column = columns[cell];
    cells.push({column, share, worth: column > 0 && column < model.b.length ? model.b[column] : 0});
    seen += share;
  });
  return seen ? cells.map((own) => ({...own, share: own.share / seen})) : null;
}

// The mean of the logistic curve over what packages leave out, and its derivative by the coefficients. Of two
// packages, the share of the first over the second, whichever stands first.
function curved(model, packages) {
  const even = packages.length > 1, gradient = new Float64Array(model.b.length);
  let value = 0.5, total = 0;
  const mixture = patternsFor(packages).map((pattern) => ({
    share: pattern.share,
    parts: packages.flatMap((chosen, at) => besideOf(chosen).each.map((shares, place) => ({
      sign: at ? -1 : 1, cells: openCells(model, place, shares, chosen, pattern)}))),
  })).filter((own) => own.parts.every((part) => part.cells));
  for (const own of mixture) total += own.share;
  for (const {t, kernel} of nodes) {
    const angle = t * model.b[0];
    const start = even ? [Math.cos(angle), 0] : [Math.cos(angle), Math.sin(angle)];
    const moved = even ? [-t * Math.sin(angle), 0] : [-t * start[1], t * start[0]];
    for (const {share, parts} of mixture) {
      const weight = kernel * share / total;
      const turns = parts.map((part) => part.cells.map((own) => [Math.cos(t * own.worth), part.sign * Math.sin(t * own.worth)]));
      const each = parts.map((part, at) => part.cells.reduce((sum, own, cell) => (
        [sum[0] + own.share * turns[at][cell][0], sum[1] + own.share * turns[at][cell][1]]), [0, 0]));
      const before = [[1, 0]];
      for (const own of each) before.push(times(before[before.length - 1], own));
      const all = before[each.length];
      value += weight * times(start, all)[1];
      gradient[0] += weight * times(moved, all)[1];
      let after = start;
      for (let at = parts.length - 1; at >= 0; at -= 1) {
        const others = times(before[at], after), {sign, cells} = parts[at];
        cells.forEach((own, cell) => {
          const {column} = own;
          if (column <= 0 || column >= model.b.length) return;
          gradient[column] += weight * t * sign * own.share * times(turns[at][cell], others)[0];
        });
        after = times(after, each[at]);
      }
    }
  }
  return {value: Math.min(Math.max(value, 0), 1), gradient};
}

function times([a, b], [c, d]) {
  return [a * c - b * d, a * d + b * c];
}

// A figure of a model for one package or two: its value, and how it moves with the coefficients; null where
// the data cannot tell it. Support where `all` are the weights of a package, head to head those of two.
function moved(model, all, packages) {
  if (!isTold(model, all)) return null;
  const even = packages.length > 1, x = all.subarray(0, model.b.length);
  if (!model.logit) {
    return {value: x.reduce((sum, own, place) => sum + own * model.b[place], even ? 0.5 : 0), gradient: x};
  }
  if (even && packages[0].every((level, place) => level === packages[1][place])) return {value: 0.5, gradient: x.map(() => 0)};
  const {value, gradient} = curved(model, packages), [low, high] = model.ends;
  return {value: low + (high - low) * value, gradient: gradient.map((own) => (high - low) * own)};
}

// g'Vg; V is the lower triangle of a covariance, row by row.
function varianceOf(model, gradient) {
  let variance = 0;
  for (let i = 0, at = 0; i < gradient.length; i += 1) {
    for (let j = 0; j <= i; j += 1, at += 1) variance += (i === j ? 1 : 2) * gradient[i] * gradient[j] * model.v[at];
  }
  return Math.max(variance, 0);
}

function withInterval(model, value, variance, isMean) {
  const reach = model.t * Math.sqrt(variance);
  const [low, high] = isMean ? withinScale(model, value, variance) : [value - reach, value + reach];
  return {value, low, high, base: model.n, caution: model.caution};
}

function movedBy(model, chosen) {
  const x = model && weightsOf(model, chosen);
  if (!x) return null;
  x[0] = 1;
  return moved(model, x, [chosen]);
}

function support(model, chosen) {
  const found = movedBy(model, chosen);
  return found && withInterval(model, found.value, varianceOf(model, found.gradient), true);
}

// The shares of all answers to a question. Those of logits share what the question's own leaves, in proportion; so
// that they add up, each moves with the coefficients of all.
function answerShares(outcome, measure, group, chosen) {
  const places = outcome.shares.map((share) => share.place);
  const models = places.map((place) => modelOf(place, measure, group));
  const alone = models.map((model) => movedBy(model, chosen));
  if (!models.slice(1).some((model) => model && model.logit)) return models.map((model) => support(model, chosen));
  if (alone.includes(null)) return models.map((model, at) => (at ? null : support(model, chosen)));
  const [first, ...rest] = alone, left = 1 - first.value, total = rest.reduce((sum, own) => sum + own.value, 0);
  return models.map((model, at) => {
    if (!at) return support(model, chosen);
    const part = alone[at].value / total;
    const turns = alone.map((own, other) => (other ? left * ((other === at ? 1 : 0) - part) / total : -part));
    let variance = 0;
    alone.forEach((one, i) => {
      variance += turns[i] ** 2 * varianceOf(models[i], one.gradient);
      for (let j = i + 1; j < alone.length; j += 1) {
        const table = data.across[`${places[i]}|${places[j]}|${group}`], width = models[j].b.length;
        let shared = 0;
        one.gradient.forEach((own, row) => {
          for (let column = 0; column < width; column += 1) shared += own * alone[j].gradient[column] * table[row * width + column];
        });
        variance += 2 * turns[i] * turns[j] * shared;
      }
    });
    return withInterval(model, left * part, Math.max(variance, 0), true);
  });
}

function between(model, chosen, other) {
  const x = model && weightsOf(model, chosen), y = x && weightsOf(model, other);
  return y ? x.map((own, place) => own - y[place]) : null;
}

// Support for one package less that for another.
function difference(model, chosen, other) {
  const x = between(model, chosen, other);
  if (!x || !isTold(model, x)) return null;
  if (!model.logit) {
    const own = x.subarray(0, model.b.length);
    return withInterval(model, own.reduce((sum, weight, place) => sum + weight * model.b[place], 0), varianceOf(model, own), false);
  }
  const one = movedBy(model, chosen), two = movedBy(model, other);
  if (!one || !two) return null;
  return withInterval(model, one.value - two.value, varianceOf(model, one.gradient.map((own, place) => own - two.gradient[place])), false);
}

function headToHead(model, chosen, other) {
  const x = between(model, chosen, other), found = x && moved(model, x, [chosen, other]);
  return found && withInterval(model, found.value, varianceOf(model, found.gradient), true);
}

// Whether choices tell an attribute that is not shown from one of its levels, all else alike.
function tellsAbsence(tasks, place) {
  const at = data.blocks.findIndex((own) => own.attributes.includes(place)), columns = tasks.columns[at];
  const {attributes, levels} = data.blocks[at], axis = attributes.indexOf(place);
  const alike = (one, two) => one.every((level, other) => other === axis || level === two[other]);
  return levels.some((one, cell) => one[axis] === statesOf(place) - 1 && columns[cell] >= 0 && levels.some((two, other) => {
    if (two[axis] === one[axis] || columns[other] < 0 || !alike(one, two)) return false;
    const x = new Float64Array(tasks.b.length + tasks.together.length);
    if (columns[cell]) x[columns[cell]] += 1;
    if (columns[other]) x[columns[other]] -= 1;
    return isTold(tasks, x);
  }));
}

// The smallest and largest support that any package has in a model.
function extremes(model) {
  let low = model.b[0], high = model.b[0];
  data.blocks.forEach((block, place) => {
    const worth = [];
    model.columns[place].forEach((column, cell) => {
      if (column >= 0 && block.drawn[cell] > 0) worth.push(column && column < model.b.length ? model.b[column] : 0);
    });
    low += Math.min(...worth);
    high += Math.max(...worth);
  });
  if (model.logit) {
    const [bottom, top] = model.ends;
    return [low, high].map((end) => bottom + (top - bottom) / (1 + Math.exp(-end)));
  }
  return [low, high];
}

function chosenPlaces(chosen) {
  return chosen.flatMap((level, place) => (level === null ? [] : [place]));
}

// Whether a group was shown a package: "s" to many, "f" to few, "n" to nobody, "u" untold.
function shownTo(outcome, group, chosen) {
  const table = data.shown[`${outcome}|support|${group}`] || {}, places = chosenPlaces(chosen);
  if (!places.length) return "s";
  const whole = lookUp(table, places, chosen);
  if (whole) return whole;
  // Part of a package that nobody saw is enough to know of the whole.
  const parts = Object.keys(table).map((key) => key.split(",").map(Number))
    .filter((own) => own.every((place) => chosen[place] !== null));
  return parts.some((own) => lookUp(table, own, chosen) === "n") ? "n" : "u";
}

function lookUp(table, places, chosen) {
  const letters = table[places.join(",")];
  if (!letters) return null;
  let cell = 0;
  for (const place of places) cell = cell * statesOf(place) + chosen[place];
  return letters[cell];
}

function pairsOf(places) {
  return places.flatMap((one, at) => places.slice(at + 1).map((two) => [one, two]));
}

// P-values that allow for as many tests as there are (Holm).
function holm(values) {
  const order = values.map((_, place) => place).sort((one, two) => values[one] - values[two]);
  const found = new Array(values.length);
  let largest = 0;
  order.forEach((place, rank) => {
    largest = Math.max(largest, Math.min(1, values[place] * (values.length - rank)));
    found[place] = largest;
  });
  return found;
}
