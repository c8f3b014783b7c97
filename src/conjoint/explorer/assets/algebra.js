// Packages as weights on coefficients. A package is a list with one entry an attribute: the place of
// its level, behind all levels that of not shown, or null where the attribute is averaged over the design.

const data = JSON.parse(document.getElementById("data").textContent);

// Names that run from right to left shall not turn the sentence they stand in.
function isolated(text) {
  return /[\u0590-\u08ff\ufb1d-\ufefc]/.test(text) ? `\u2068${text}\u2069` : text;
}

for (const own of [data, ...data.groups, ...data.outcomes.flatMap((one) => [one, ...one.shares]), ...data.attributes.flatMap((one) => [one, ...one.levels])]) {
  for (const name of ["label", "noun", "everyone", "profile"]) {
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

// x'b with its interval; V is the lower triangle of the covariance, row by row. Null where it cannot be told.
function figure(model, all, constant, isMean) {
  if (!isTold(model, all)) return null;
  const x = all.subarray(0, model.b.length);
  let value = constant, variance = 0;
  for (let i = 0, at = 0; i < x.length; i += 1) {
    value += x[i] * model.b[i];
    for (let j = 0; j <= i; j += 1, at += 1) {
      variance += (i === j ? 1 : 2) * x[i] * x[j] * model.v[at];
    }
  }
  variance = Math.max(variance, 0);
  const reach = model.t * Math.sqrt(variance);
  const [low, high] = isMean ? withinScale(model, value, variance) : [value - reach, value + reach];
  return {value, low, high, base: model.n, caution: model.caution};
}

function support(model, chosen) {
  const x = model && weightsOf(model, chosen);
  if (!x) return null;
  x[0] = 1;
  return figure(model, x, 0, true);
}

function between(model, chosen, other) {
  const x = model && weightsOf(model, chosen), y = x && weightsOf(model, other);
  return y ? x.map((own, place) => own - y[place]) : null;
}

function difference(model, chosen, other) {
  const x = between(model, chosen, other);
  return x && figure(model, x, 0, false);
}

function headToHead(model, chosen, other) {
  const x = between(model, chosen, other);
  return x && figure(model, x, 0.5, true);
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
