// Numbers and sentences.

function caption(text) {
  const span = element("span");
  span.textContent = text;
  return element("caption", {}, span);
}

const MINUS = "\u2212", DASH = "\u2013";

function isShare(outcome) {
  return outcome.kind !== "rating";
}

function rounded(value, digits) {
  const text = Math.abs(value).toFixed(digits);
  return (value < 0 && Number(text) !== 0 ? MINUS : "") + text;
}

// A share; one that would round to nought although it is none is said to be below that.
function percent(value, digits) {
  const text = rounded(100 * value, digits);
  return value > 0 && Number(text) === 0 ? `<${(0.5 / 10 ** digits).toFixed(digits + 1)}%` : `${text}%`;
}

// A figure of an outcome in a table: with one decimal.
function exact(outcome, value) {
  return isShare(outcome) ? percent(value, 1) : rounded(value, 2);
}

// The same in a chart, and in a grid.
function brief(outcome, value) {
  return isShare(outcome) ? percent(value, 0) : rounded(value, 1);
}

function range(outcome, found) {
  return isShare(outcome)
    ? `${rounded(100 * found.low, 1)} to ${rounded(100 * found.high, 1)}`
    : `${rounded(found.low, 2)} to ${rounded(found.high, 2)}`;
}

function briefRange(outcome, found) {
  return isShare(outcome)
    ? `${rounded(100 * found.low, 0)}${DASH}${rounded(100 * found.high, 0)}`
    : `${rounded(found.low, 1)}${DASH}${rounded(found.high, 1)}`;
}

// A difference: in percentage points, or in the units of a rating.
function change(outcome, value) {
  const text = isShare(outcome) ? rounded(100 * value, 1) : rounded(value, 2);
  return value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

function changeRange(outcome, found) {
  return `${change(outcome, found.low)} to ${change(outcome, found.high)}`;
}

function count(number) {
  return number.toLocaleString("en-GB");
}

// A level's number, or an amount of it: three digits are more than the data know.
function amount(value) {
  const size = Math.abs(value);
  const digits = size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : 2;
  const scale = size >= 1000 ? 10 ** (Math.floor(Math.log10(size)) - 2) : 0;
  const number = scale ? Math.round(value / scale) * scale : Number(value.toFixed(digits));
  return (number < 0 ? MINUS : "") + Math.abs(number).toLocaleString("en-GB", {maximumFractionDigits: 2});
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
