// The trade-off, how to read it all, and what starts it.

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
    ? phrase("trade.buys", {taken: numbered(own.take, own.takeTo), was: from})
    : phrase("trade.makes_up", {was: from, given: numbered(own.give, own.to)});
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
  const take = offer("take", takers, label, Math.max(0, takers.indexOf(data.pair[1])));
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
  return phrase("ends", {
    low: row.low === "open" ? phrase("trade.no_lower_end") : amount(row.low),
    high: row.high === "open" ? phrase("trade.no_upper_end") : amount(row.high),
  });
}

function weighed(outcome, found) {
  return phrase("figure_with_ends", {figure: changeInUnits(outcome, found.value), ends: changeRange(outcome, found)});
}

function sayTrade(row, outcome) {
  const give = data.attributes[row.give].label, take = data.attributes[row.take].label;
  const was = numbered(row.take, row.takeFrom), start = numbered(row.give, row.from);
  const worth = phrase("trade.worth", {
    noun: data.groups[row.group].noun, take, give, was, start, taken: numbered(row.take, row.takeEnd), given: numbered(row.give, row.giveEnd),
    gain: weighed(outcome, row.gain), loss: weighed(outcome, row.loss),
  });
  if (row.value === null) return [worth, phrase("trade.unknown", {words: row.words})].join(" ");
  const size = amount(Math.abs(row.value)), ends = openRange(row), more = besides(row);
  const answered = row.question === "buys"
    ? phrase(row.value < 0 ? "trade.less" : "trade.more", {amount: size, give, start, ends})
    : phrase("trade.needed", {take, was, amount: amount(row.value), ends});
  return [worth, answered, more ? phrase("trade.besides", {words: capital(more)}) : ""].filter(Boolean).join(" ");
}

// What else is to be said of a trade-off.
function besides(row) {
  return row.words.split("; ").filter((part) => part !== "estimated").join("; ");
}

function tradeCell(row) {
  const held = element("span", {class: "range"}), words = element("span", {class: "range words"});
  held.textContent = row.value === null ? phrase("trade.unknown_cell") : openRange(row);
  words.textContent = besides(row);
  return element("td", {class: "number"}, answer(row), held, words);
}

function showAnswer(rows, outcome) {
  const [first] = rows, said = first ? sayTrade(first, outcome) : phrase("trade.nothing");
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
  const give = data.attributes[first.give].label, take = data.attributes[first.take].label;
  const names = [
    phrase("group"),
    phrase("trade.instead", {one: numbered(first.take, first.takeEnd), other: numbered(first.take, first.takeFrom)}),
    phrase("trade.instead", {one: numbered(first.give, first.giveEnd), other: numbered(first.give, first.from)}),
    first.question === "buys" ? phrase("trade.more_head", {give}) : phrase("trade.needed_head", {take}),
  ];
  const told = caption(phrase(isShare(outcome) ? "trade.table_points" : "trade.table", {outcome: outcome.label}));
  byId("trade").replaceChildren(element("table", {id: "trades"}, told, headRow(names), body));
}

// Paragraphs on how to read the page.
function howToRead() {
  const {profile, profiles, confidence} = data, names = data.attributes.filter((own) => own.sometimes).map((own) => own.label);
  const isAssumed = data.attributes.some((own) => own.levels.some((level) => level.label.includes("†")));
  return [
    phrase("how.observed", {profiles}), phrase("how.model"), phrase("how.intervals", {confidence, profile}), phrase("how.shares", {profiles}),
    data.presence ? [saySometimes(names), phrase("how.sometimes.meaning")].join(" ") : "",
    isAssumed ? phrase("how.assumed") : "",
  ].filter(Boolean);
}

function saySometimes(names) {
  const all = data.attributes.length;
  if (names.length <= 6) return phrase("how.sometimes.names", {names: listed(names)});
  return names.length === all ? phrase("how.sometimes.none") : phrase("how.sometimes.many", {some: count(names.length), all: count(all)});
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
byId("how").append(...howToRead().map((text) => paragraph(text)));
if (data.grid) buildGrid();
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
