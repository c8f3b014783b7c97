// Figures and sentences.

function caption(text) {
  const span = element("span");
  span.textContent = text;
  return element("caption", {}, span);
}

function paragraph(text, name) {
  const made = element("p", {class: name});
  made.textContent = text;
  return made;
}

function isShare(outcome) {
  return outcome.kind !== "rating";
}

// A figure of an outcome in a table: with one decimal more than in a chart, and in a grid.
function exact(outcome, value) {
  return isShare(outcome) ? percent(value, 1) : numeral(value, 2);
}

function brief(outcome, value) {
  return isShare(outcome) ? percent(value, 0) : numeral(value, 1);
}

function range(outcome, found) {
  return isShare(outcome) ? endsOf(found, outcome.beside, 1, 100, barePercent) : endsOf(found, [], 2, 1, numeral);
}

function briefRange(outcome, found) {
  return isShare(outcome) ? endsOf(found, outcome.beside, 0, 100, barePercent) : endsOf(found, [], 1, 1, numeral);
}

// A difference: in percentage points, or in the units of a rating.
function change(outcome, value) {
  return isShare(outcome) ? numeral(100 * value, 1, true) : numeral(value, 2, true);
}

function changeRange(outcome, found) {
  const share = isShare(outcome);
  return endsOf(found, NO_CHANGE, share ? 1 : 2, share ? 100 : 1, (end) => change(outcome, end));
}

function listed(items) {
  if (items.length < 2) return items.join("");
  return phrase("and", {first: items.slice(0, -1).join(", "), last: items[items.length - 1]});
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function levelLabel(place, level) {
  const own = data.attributes[place].levels[level];
  return own ? own.label : phrase("not_shown");
}

// How an outcome is measured: what its sentences are.
function kindOf(view) {
  return view.measure === "over status quo" ? "status_quo" : view.outcome.kind;
}

function sentence(view, group, letter, found) {
  return phrase(`modelled.${kindOf(view)}`, {
    noun: data.groups[group].noun, package: phrase(`package.${letter}`), profile: data.profile,
    ...figureWithEnds(view, found),
  });
}

// What the poll observed of the two levels of the grid that a package has.
function observedSentence(cell, noun) {
  const {profiles} = data;
  if (cell.reason) return phrase("observed_withheld", {noun, profiles, pair: cell.pair, reason: cell.reason});
  return phrase(`observed.${data.grid.kind}`, {noun, profiles, pair: cell.pair, figure: cell.fine, ends: cell.ends, base: cell.base});
}

function viewLabel(view) {
  const outcome = view.outcome.label, {profile} = data;
  if (view.measure === "over status quo") return phrase("view.status_quo", {outcome});
  return view.outcome.kind === "choice" ? phrase("view.random", {outcome, profile}) : outcome;
}

// A figure with its interval in brackets, within a sentence.
function figureWithEnds(view, found) {
  return {figure: exact(view.outcome, found.value), ends: range(view.outcome, found)};
}

// A difference with its unit.
function changeInUnits(outcome, value) {
  return isShare(outcome) ? phrase("points", {figure: change(outcome, value)}) : change(outcome, value);
}
