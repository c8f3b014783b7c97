// The grid, the trade-off, and what starts it all.

const LIGHT = [247, 251, 255], DARK = [107, 174, 214];

function shade(part) {
  const mixed = LIGHT.map((from, place) => Math.round(from + (DARK[place] - from) * part));
  return `rgb(${mixed.join(",")})`;
}

function buildGrid() {
  const [down, across] = gridAxes();
  const head = element("tr", {}, element("td"));
  data.attributes[across].levels.forEach((level) => {
    const cell = element("th", {scope: "col"});
    cell.textContent = level.label;
    head.append(cell);
  });
  const body = element("tbody");
  data.attributes[down].levels.forEach((level, row) => {
    const name = element("th", {scope: "row"});
    name.textContent = level.label;
    const line = element("tr", {}, name);
    data.attributes[across].levels.forEach((_, column) => {
      const button = element("button", {type: "button", id: `cell-${row}-${column}`});
      button.addEventListener("click", () => {
        const chosen = state.a[down] === row && state.a[across] === column;
        state.a[down] = chosen ? null : row;
        state.a[across] = chosen ? null : column;
        update();
      });
      line.append(element("td", {}, button));
    });
    body.append(line);
  });
  byId("grid").append(element("table", {class: "grid"}, element("thead", {}, head), body));
  const group = byId("grid-group");
  fillOptions(group, data.groups.map((own, value) => ({value, text: own.label})), 0);
  group.addEventListener("change", () => {
    state.group = Number(group.value);
    showGrid();
  });
  byId("grid-section").hidden = false;
}

// The first attribute across, the second down, as reports have it.
function gridAxes() {
  return [data.grid[1], data.grid[0]];
}

function showGrid() {
  if (data.grid.length < 2) return;
  const view = views[state.view], [down, across] = gridAxes();
  const model = modelOf(view.place, view.measure, state.group);
  const cells = data.attributes[down].levels.flatMap((_, row) => data.attributes[across].levels.map((__, column) => {
    const chosen = state.a.map((level, place) => (place === down ? row : place === across ? column : level));
    return {row, column, possible: drawn(chosen) > 0, found: drawn(chosen) > 0 ? support(model, chosen) : null};
  }));
  const values = cells.filter((cell) => cell.found).map((cell) => cell.found.value);
  const low = Math.min(...values), high = Math.max(...values);
  for (const cell of cells) showCell(view, cell, high > low && cell.found ? (cell.found.value - low) / (high - low) : 0);
  const rest = state.a.map((level, place) => (place === down || place === across ? null : level));
  byId("grid-group").value = String(state.group);
  byId("grid-said").textContent = `${viewLabel(view)}, by ${data.attributes[down].label} and ${data.attributes[across].label}; `
    + `the rest as in package A (${inWords(rest)}).`;
  byId("grid-note").textContent = `Small figures are ${data.confidence}% intervals, each for itself. The framed cell is package A’s: `
    + "choose another to change it."
    + (model ? ` Base ${count(model.n)}${model.caution ? `, caution: under ${count(data.caution)}` : ""}.` : " This group has no figure here.");
}

function showCell(view, cell, part) {
  const [down, across] = gridAxes(), button = byId(`cell-${cell.row}-${cell.column}`);
  const chosen = state.a[down] === cell.row && state.a[across] === cell.column;
  const name = `${levelLabel(across, cell.column)}, ${levelLabel(down, cell.row)}`;
  button.setAttribute("aria-pressed", String(chosen));
  button.disabled = !cell.possible;
  button.style.backgroundColor = cell.found ? shade(part) : "#f5f6f7";
  if (!cell.found) {
    button.textContent = DASH;
    button.setAttribute("aria-label", `${name}: ${cell.possible ? "nobody was shown it" : "never shown together"}`);
    return;
  }
  const share = element("strong"), held = element("span");
  share.textContent = brief(view.outcome, cell.found.value);
  held.textContent = briefRange(view.outcome, cell.found);
  button.replaceChildren(share, held);
  button.setAttribute("aria-label",
    `${name}: ${exact(view.outcome, cell.found.value)}, ${range(view.outcome, cell.found)}`);
}

// One row of data.trade by name.
const trades = data.trade.map((row) => {
  const [outcome, group, give, take, question, from, to, takeFrom, takeTo, giveEnd, takeEnd, value, low, high,
    gain, gainLow, gainHigh, loss, lossLow, lossHigh, words] = row;
  return {
    outcome, group, give, take, question, from, to, takeFrom, takeTo, giveEnd, takeEnd, value, low, high,
    gain: {value: gain, low: gainLow, high: gainHigh},
    loss: {value: -loss, low: -lossHigh, high: -lossLow}, // what the larger number adds to support
    words: data.words[words],
  };
});

function tradesOf(wanted) {
  return trades.filter((own) => Object.entries(wanted).every(([key, value]) => own[key] === value));
}

function distinct(items) {
  return [...new Set(items)];
}

function numbered(place, number) {
  const level = data.attributes[place].levels.find((own) => own.number === number);
  return level ? level.label : amount(number);
}

function questionKey(own) {
  return [own.question, own.takeFrom, own.takeTo, own.to].join("|");
}

function questionLabel(own) {
  const from = numbered(own.take, own.takeFrom);
  return own.question === "buys"
    ? `What ${numbered(own.take, own.takeTo)} instead of ${from} buys`
    : `With ${from}: what makes up for ${numbered(own.give, own.to)}`;
}

// What the trade-off's controls offer, and what was chosen of it; kept where it is still on offer.
const offered = {}, asked = {};

function offer(id, values, label, preferred = 0) {
  const kept = values.indexOf(asked[id]), place = kept >= 0 ? kept : preferred;
  offered[id] = values;
  fillOptions(byId(id), values.map((value, at) => ({value: at, text: label(value)})), place);
  return values[place];
}

function widest(questions) {
  const spans = questions.map((own) => (own.question === "buys" ? own.takeTo - own.takeFrom : -1));
  return Math.max(0, spans.indexOf(Math.max(...spans)));
}

function showTrade() {
  if (!trades.length) return;
  const {place, outcome} = views[state.view];
  const own = tradesOf({outcome: place});
  byId("trade-section").hidden = !own.length;
  if (!own.length) return;
  const order = (items) => distinct(items).sort((one, two) => one - two);
  const givers = order(own.map((row) => row.give));
  const label = (at) => data.attributes[at].label;
  const takers = order(own.map((row) => row.take));
  const take = offer("take", takers, label, data.grid.length ? Math.max(0, takers.indexOf(data.grid[1])) : 0);
  const give = offer("give", givers.filter((at) => at !== take), label);
  const pairs = tradesOf({outcome: place, give, take});
  const from = offer("start", order(pairs.map((row) => row.from)), (number) => numbered(give, number));
  const there = pairs.filter((row) => row.from === from);
  const first = there.filter((row) => row.group === there[0].group);
  const keys = distinct(first.map(questionKey));
  const key = offer("question", keys, (wanted) => questionLabel(first.find((row) => questionKey(row) === wanted)), widest(first));
  showAnswer(there.filter((row) => questionKey(row) === key), outcome);
}

function answer(row) {
  return row.value === null ? DASH : amount(row.value);
}

function openRange(row) {
  const low = row.low === "open" ? "no lower end" : amount(row.low);
  const high = row.high === "open" ? "no upper end" : amount(row.high);
  return `${low} to ${high}`;
}

function weighed(outcome, found) {
  return `${change(outcome, found.value)}${isShare(outcome) ? " points" : ""} (${changeRange(outcome, found)})`;
}

function sayTrade(row, outcome) {
  const noun = data.groups[row.group].noun, give = data.attributes[row.give].label, take = data.attributes[row.take].label;
  const was = numbered(row.take, row.takeFrom), from = numbered(row.give, row.from);
  const parts = [`Among ${noun}, ${numbered(row.take, row.takeEnd)} instead of ${was} (${take}) is worth `
    + `${weighed(outcome, row.gain)}, and ${numbered(row.give, row.giveEnd)} instead of ${from} (${give}) `
    + `${weighed(outcome, row.loss)}.`];
  if (row.value === null) {
    parts.push(`The data cannot say how much makes up for it: ${row.words}.`);
    return parts.join(" ");
  }
  if (row.question === "buys") {
    parts.push(`The step makes up for ${amount(Math.abs(row.value))} ${row.value < 0 ? "less" : "more"} in ${give} than ${from} `
      + `(${openRange(row)}).`);
  } else {
    parts.push(`For support to stay where it was, ${take} has to go from ${was} to ${amount(row.value)} (${openRange(row)}).`);
  }
  const more = besides(row);
  return parts.join(" ") + (more ? ` ${capital(more)}.` : "");
}

// What else is to be said of a trade-off.
function besides(row) {
  return row.words.split("; ").filter((part) => part !== "estimated").join("; ");
}

function tradeCell(row) {
  const held = element("span", {class: "range"}), words = element("span", {class: "range words"});
  held.textContent = row.value === null ? "the data cannot say" : openRange(row);
  words.textContent = besides(row);
  return element("td", {class: "number"}, answer(row), held, words);
}

function showAnswer(rows, outcome) {
  const [first] = rows, said = first ? sayTrade(first, outcome) : "The data cannot say.";
  if (byId("trade-said").textContent !== said) byId("trade-said").textContent = said;
  if (!first) {
    byId("trade").replaceChildren();
    return;
  }
  const body = element("tbody", {}, ...rows.map((row) => {
    const found = {group: data.groups[row.group], model: modelOf(row.outcome, "support", row.group)};
    return element("tr", {}, groupHeader(found, true), numberCell(outcome, row.gain, change, changeRange),
      numberCell(outcome, row.loss, change, changeRange), tradeCell(row));
  }));
  const names = [
    "Group", `${numbered(first.take, first.takeEnd)} instead of ${numbered(first.take, first.takeFrom)}`,
    `${numbered(first.give, first.giveEnd)} instead of ${numbered(first.give, first.from)}`,
    first.question === "buys" ? `More in ${data.attributes[first.give].label}` : `${data.attributes[first.take].label} needed`,
  ];
  const told = caption(`${outcome.label}: what each step adds to support${isShare(outcome) ? ", in points" : ""}, and the trade-off.`);
  byId("trade").replaceChildren(element("table", {id: "trades"}, told, headRow(names), body));
}

function saySometimes() {
  const names = data.attributes.filter((own) => own.sometimes).map((own) => own.label);
  const each = names.length === data.attributes.length ? "No attribute was shown in every profile"
    : `${count(names.length)} of the ${count(data.attributes.length)} attributes were not shown in every profile`;
  return `${names.length > 6 ? each : `Not every profile showed ${listed(names)}`}. A figure for a level of one is of profiles that showed it, and one for `
    + "“Not shown” of profiles without it; what is left averaged counts as it stood beside what is chosen, shown or not.";
}

function update() {
  fillControls();
  showFigures();
  showGrid();
  showTrade();
}

// In a report the page stands in a frame, which shall be as tall as it.
function fitFrame() {
  try {
    if (window.frameElement) window.frameElement.style.height = `${document.body.offsetHeight + 2}px`;
  } catch (error) {
    // A frame that may not be seen keeps its height, and scrolls.
  }
}

buildControls();
byId("sometimes").hidden = !data.presence;
byId("sometimes").textContent = data.presence ? saySometimes() : "";
byId("assumed").hidden = !data.attributes.some((own) => own.levels.some((level) => level.label.includes("†")));
if (data.grid.length === 2) buildGrid();
for (const id of ["take", "give", "start", "question"]) {
  byId(id).addEventListener("change", (event) => {
    asked[id] = offered[id][Number(event.target.value)];
    showTrade();
  });
}
update();
let width = byId("chart").clientWidth;
new ResizeObserver(() => {
  if (byId("chart").clientWidth !== width) {
    width = byId("chart").clientWidth;
    showFigures();
  }
  fitFrame();
}).observe(document.body);
