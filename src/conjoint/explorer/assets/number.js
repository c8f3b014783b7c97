// Numbers as people read them: the rule of say/number.py. A test compares both over all shares.

const MINUS = "\u2212", DASH = "\u2013", SLACK = 1e-9;
const NO_CHANGE = [0], LEVELS = [0.05, 0.01], SMALLEST_P = 0.001;

// Halves away from zero, those too that arithmetic left a hair below one half; never minus zero.
function rounded(value, decimals) {
  const scale = 10 ** decimals, size = Math.floor(Math.abs(value) * scale + 0.5 + SLACK) / scale;
  return value < 0 && size !== 0 ? -size : size;
}

function numeral(value, decimals, signed) {
  const size = rounded(value, decimals), [whole, part] = Math.abs(size).toFixed(decimals).split(".");
  const sign = size < 0 ? MINUS : signed && size > 0 ? "+" : "";
  return sign + whole.replace(/\B(?=(\d{3})+$)/g, ",") + (part ? `.${part}` : "");
}

// A share in per cent without the sign; never nought or all where it is not.
function barePercent(share, decimals) {
  const size = rounded(share * 100, decimals), half = 0.5 / 10 ** decimals;
  if (share > 0 && size === 0) return `<${half.toFixed(decimals + 1)}`;
  if (share < 1 && size === 100) return `>${(100 - half).toFixed(decimals + 1)}`;
  return numeral(share * 100, decimals);
}

function percent(share, decimals) {
  return `${barePercent(share, decimals)}%`;
}

// > or < where a number would be printed as another that it is not, to stand before it.
function sideOf(value, marks, decimals, factor) {
  for (const mark of marks) {
    const apart = factor * (value - mark);
    if (Math.abs(apart) > SLACK && rounded(factor * value, decimals) === rounded(factor * mark, decimals)) return apart > 0 ? ">" : "<";
  }
  return "";
}

// The ends of an interval: one that excludes a number that it is read against never seems to touch it.
function endsOf(found, beside, decimals, factor, say) {
  const marks = beside.filter((mark) => mark < found.low || mark > found.high);
  return [found.low, found.high].map((end) => sideOf(end, marks, decimals, factor) + say(end, decimals)).join(" to ");
}

function pValue(p, name) {
  const side = p < SMALLEST_P ? "<" : sideOf(p, LEVELS, 3, 1);
  const text = p < SMALLEST_P ? SMALLEST_P : side ? rounded(p, 2) : numeral(p, 3);
  return name ? `${name} ${side || "="} ${text}` : `${side}${text}`;
}

function count(number) {
  return numeral(number, 0);
}

// A level's number, or an amount of it: three digits are more than the data know.
function amount(value) {
  if (value === 0) return "0";
  const places = 2 - Math.floor(Math.log10(Math.abs(value)));
  if (places <= 0) return numeral(rounded(value / 10 ** -places, 0) * 10 ** -places, 0);
  return numeral(value, places).replace(/0+$/, "").replace(/\.$/, "");
}
