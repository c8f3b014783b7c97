// The chart of groups: a dot and its interval, one row a package, drawn by Vega as SVG.

const FONT = 'system-ui, -apple-system, "Segoe UI", "Source Sans 3", Roboto, Arial, sans-serif';
const INK = "#1a1a1a", MUTED = "#595959", LINE = "#e6e6e6";
const SIZE = 14, LINE_HEIGHT = 18, ROW = 24, GAP = 16, SMALL = 12.5;
const WIDE = 560; // from here on names stand beside the dots, not above them

const pen = document.createElement("canvas").getContext("2d");

function measured(text, size, weight) {
  pen.font = `${weight} ${size}px ${FONT}`;
  return pen.measureText(text).width;
}

// What people see as one sign, which may be several code points.
function signs(word) {
  return Intl.Segmenter ? [...new Intl.Segmenter().segment(word)].map((own) => own.segment) : [...word];
}

// Break a name into lines of at most so many pixels; a word that is longer is cut.
function wrapped(text, width) {
  const lines = [""];
  for (const word of text.split(/\s+/)) {
    const last = lines[lines.length - 1], longer = last ? `${last} ${word}` : word;
    if (measured(longer, SIZE, 600) <= width) {
      lines[lines.length - 1] = longer;
      continue;
    }
    if (last) lines.push("");
    for (const sign of signs(word)) {
      if (measured(lines[lines.length - 1] + sign, SIZE, 600) > width) lines.push("");
      lines[lines.length - 1] += sign;
    }
  }
  return lines;
}

// Where everything stands: names and bases, and a row for each package of each group.
function layout(rows, width) {
  const wide = width >= WIDE, left = wide ? Math.round(0.34 * width) : 6;
  const names = [], bases = [], dots = [];
  let top = 4;
  for (const row of rows) {
    const lines = wrapped(row.name, wide ? left - 24 : width - 12);
    const height = (lines.length + 1) * LINE_HEIGHT, own = row.figures.length * ROW;
    lines.forEach((text, at) => names.push({x: 0, y: top + (at + 0.5) * LINE_HEIGHT, text}));
    bases.push({x: 0, y: top + (lines.length + 0.5) * LINE_HEIGHT, text: row.base});
    const start = wide ? top + Math.max(0, (height - own) / 2) : top + height;
    row.figures.forEach((found, at) => dots.push({...found, y: start + (at + 0.5) * ROW}));
    top += (wide ? Math.max(height, own) : height + own) + GAP;
  }
  return {names, bases, dots, left, height: top};
}

function text(from, x, more) {
  return {
    type: "text", from: {data: from}, interactive: false, aria: false,
    encode: {update: {
      ...x, y: {field: "y"}, text: {field: "text"}, baseline: {value: "middle"},
      font: {value: FONT}, ...more}},
  };
}

// Upright lines: one at an even choice, a dashed one at the figure of everybody.
function rules(made, options) {
  const rule = (at, more) => (at === null ? [] : [{
    type: "rule", interactive: false, aria: false,
    encode: {update: {
      x: {scale: "x", value: at}, y: {value: 0}, y2: {value: made.height}, strokeWidth: {value: 1}, ...more}},
  }]);
  return [
    ...rule(options.even, {stroke: {value: "#8c8c8c"}}),
    ...rule(options.reference, {stroke: {value: MUTED}, strokeDash: {value: [4, 3]}}),
  ];
}

// Names that stand on lines keep clear of them.
function halo(from) {
  return text(from, {x: {field: "x"}}, {
    fontSize: {value: from === "names" ? SIZE : SMALL}, fontWeight: {value: from === "names" ? 600 : 400},
    stroke: {value: "#ffffff"}, strokeWidth: {value: 5}, fill: {value: "#ffffff"}});
}

function specification(rows, options, width) {
  const made = layout(rows, width);
  const right = width - 58;
  const colour = {field: "colour"};
  return {
    $schema: "https://vega.github.io/schema/vega/v6.json",
    description: options.description,
    width, height: made.height, padding: 0, autosize: {type: "pad", contains: "padding"},
    data: [
      {name: "names", values: made.names}, {name: "bases", values: made.bases},
      {name: "dots", values: made.dots},
    ],
    scales: [{
      name: "x", type: "linear", domain: options.domain, range: [made.left, right], zero: false,
      clamp: true,
    }],
    axes: [{
      orient: "bottom", scale: "x", offset: 2, domain: false, ticks: false, grid: true, gridColor: LINE,
      tickCount: width < WIDE ? 4 : 6, format: options.format, labelFont: FONT, labelFontSize: SMALL,
      labelColor: MUTED, labelPadding: 6, zindex: 0, aria: false,
    }],
    marks: [
      ...rules(made, options), halo("names"), halo("bases"),
      text("names", {x: {field: "x"}}, {
        fontSize: {value: SIZE}, fontWeight: {value: 600}, fill: {value: INK}}),
      text("bases", {x: {field: "x"}}, {fontSize: {value: SMALL}, fill: {value: MUTED}}),
      {
        type: "rule", from: {data: "dots"}, interactive: false, aria: false,
        encode: {update: {
          x: {scale: "x", field: "low"}, x2: {scale: "x", field: "high"}, y: {field: "y"},
          stroke: colour, strokeWidth: {value: 2.5}, strokeDash: {field: "dash"}}},
      },
      {
        type: "symbol", from: {data: "dots"}, interactive: false,
        encode: {update: {
          x: {scale: "x", field: "value"}, y: {field: "y"}, shape: {field: "shape"},
          size: {value: 110}, stroke: colour, strokeWidth: {value: 2}, fill: {field: "fill"},
          description: {field: "said"}}},
      },
      text("dots", {x: {value: width}}, {
        align: {value: "right"}, fontSize: {value: SIZE}, fontWeight: {field: "weight"},
        fill: {value: INK}}),
    ],
  };
}

let drawing = 0, view = null;

// Draw anew; of several that are asked for at once only the last is shown.
async function draw(place, rows, options) {
  const turn = drawing += 1, width = Math.floor(place.clientWidth);
  if (width < 100) return;
  const box = document.createElement("div");
  const done = await window.vegaEmbed(box, specification(rows, options, width), {
    mode: "vega", renderer: "svg", actions: false, ast: true, tooltip: false, hover: false,
    defaultStyle: false,
  });
  if (turn !== drawing) {
    done.view.finalize();
    return;
  }
  if (view) view.finalize();
  view = done.view;
  box.setAttribute("aria-label", options.description);
  place.replaceChildren(box);
}
