// Figures and sentences.

function caption(text) {
  const span = element("span");
  span.textContent = text;
  return element("caption", {}, span);
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
  return `${items.slice(0, -1).join(", ")} and ${items[items.length - 1]}`;
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function levelLabel(place, level) {
  const own = data.attributes[place].levels[level];
  return own ? own.label : "not shown";
}

function inWords(chosen) {
  const parts = chosenPlaces(chosen).map(
    (place) => `${data.attributes[place].label}: ${levelLabel(place, chosen[place])}`);
  return parts.length ? parts.join("; ") : "everything averaged over the design";
}

// What a share is the share of.
function claim(view, name) {
  if (view.measure === "over status quo") return `take ${name}, of those who take it or neither`;
  if (view.outcome.kind === "choice") return `choose ${name} over a random ${data.profile}`;
  return "";
}

function sentence(view, group, name, found) {
  const {outcome} = view, noun = data.groups[group].noun;
  const said = `${exact(outcome, found.value)}`, held = `(${range(outcome, found)})`;
  const phrase = claim(view, name);
  if (phrase) return `${said} of ${noun} ${held} ${phrase}.`;
  if (!isShare(outcome)) return `${outcome.label}: ${said} on average ${held} among ${noun}, for ${name}.`;
  return `${outcome.label}: ${said} of ${noun} ${held}, for ${name}.`;
}

function viewLabel(view) {
  if (view.measure === "over status quo") return `${view.outcome.label} (over the status quo)`;
  if (view.outcome.kind === "choice") return `${view.outcome.label} (over a random ${data.profile})`;
  return view.outcome.label;
}
