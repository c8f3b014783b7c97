// The grid: what the poll observed of each pair of levels, group by group, whatever is chosen above.

const LIGHT = [247, 251, 255], DARK = [107, 174, 214];

function shade(part) {
  const mixed = LIGHT.map((from, place) => Math.round(from + (DARK[place] - from) * part));
  return `rgb(${mixed.join(",")})`;
}

// The observed cell that holds the two levels of a package; null where the package or the outcome has none.
function observedOf(view, chosen, group) {
  if (!data.grid || view.place !== data.grid.outcome || view.measure !== "support") return null;
  const [across, down] = data.grid.attributes.map((place) => chosen[place]);
  const own = data.grid.groups.find((one) => one.place === group);
  return (own && own.cells.find((cell) => cell.across.includes(across) && cell.down.includes(down))) || null;
}

function isMerged(cell) {
  return cell.across.length > 1 || cell.down.length > 1;
}

// The levels of one attribute, in an order in which levels that are put together stand side by side.
function inOrder(cells, side, place) {
  const order = [];
  data.attributes[place].levels.forEach((_, level) => {
    const run = cells.map((cell) => cell[side]).find((levels) => levels.includes(level)) || [level];
    if (!order.includes(level)) order.push(...run);
  });
  return order;
}

function levelHead(place, level, scope) {
  const head = element("th", {scope});
  head.textContent = levelLabel(place, level);
  return head;
}

function gridTable(own) {
  const [acrossPlace, downPlace] = data.grid.attributes;
  const across = inOrder(own.cells, "across", acrossPlace), down = inOrder(own.cells, "down", downPlace);
  const done = new Set();
  const rows = down.map((row) => {
    const line = element("tr", {}, levelHead(downPlace, row, "row"));
    for (const column of across) {
      const cell = own.cells.find((one) => one.across.includes(column) && one.down.includes(row));
      if (!cell) line.append(plainCell(DASH, "never"));
      else if (!done.has(cell)) line.append(gridCell(cell));
      done.add(cell);
    }
    return line;
  });
  const names = {across: data.attributes[acrossPlace].label, down: data.attributes[downPlace].label};
  const head = element("tr", {}, element("td"), ...across.map((level) => levelHead(acrossPlace, level, "col")));
  return element("table", {class: "grid"}, caption(phrase("grid_axes", names)), element("thead", {}, head), element("tbody", {}, ...rows));
}

function gridCell(cell) {
  const [across, down] = data.grid.attributes, id = `cell-${cell.down[0]}-${cell.across[0]}`;
  const button = element("button", {type: "button", id}), figure = element("strong");
  figure.textContent = cell.figure;
  button.append(figure, ...cell.under.map((text) => {
    const line = element("span");
    line.textContent = text;
    return line;
  }));
  button.style.backgroundColor = cell.reason ? "#ffffff" : shade(cell.part);
  const tried = state.a.map((level, place) => (place === across ? cell.across[0] : place === down ? cell.down[0] : level));
  button.disabled = isMerged(cell) || drawn(tried) === 0;
  const chosen = !isMerged(cell) && tried.every((level, place) => level === state.a[place]);
  button.setAttribute("aria-pressed", String(chosen));
  button.setAttribute("aria-label", cellLabel(cell, button.disabled));
  button.addEventListener("click", () => {
    state.a[across] = chosen ? null : cell.across[0];
    state.a[down] = chosen ? null : cell.down[0];
    update();
    byId(id).focus();
  });
  return element("td", {rowspan: cell.down.length, colspan: cell.across.length}, button);
}

function cellLabel(cell, isFixed) {
  if (cell.reason) return phrase("grid_cell_without", {pair: cell.name, reason: cell.reason});
  const parts = {pair: cell.name, figure: cell.figure, ends: cell.under.join(", ")};
  if (isMerged(cell)) return phrase("grid_cell_merged", parts);
  return phrase(isFixed ? "grid_cell_impossible" : "grid_cell", parts);
}

function buildGrid() {
  const select = byId("grid-group"), {confidence, profile, profiles} = data, {label, wording, kind, groups} = data.grid;
  byId("grid-title").textContent = phrase(`grid_title.${kind}`, {outcome: label});
  byId("grid-intro").textContent = [
    phrase(`grid_intro.${kind}`, {profile, profiles, wording, confidence}), phrase("grid_observed"),
  ].join(" ");
  fillOptions(select, groups.map((own, value) => ({
    value, disabled: !own.cells.length, text: own.cells.length ? own.label : phrase("grid_option_too_few", {group: own.label}),
  })), state.group);
  select.addEventListener("change", () => {
    state.group = Number(select.value);
    showGrid();
  });
  byId("grid-section").hidden = false;
}

function showGrid() {
  if (!data.grid) return;
  const own = data.grid.groups[state.group];
  byId("grid-group").value = String(state.group);
  const box = byId("grid"), {scrollLeft} = box;
  box.hidden = !own.cells.length;
  box.replaceChildren(...(own.cells.length ? [gridTable(own)] : []));
  box.scrollLeft = scrollLeft;
  const notes = own.cells.length ? [
    own.cells.every(isMerged) ? "" : phrase("grid_choose"),
    own.merged,
    own.merged ? phrase("grid_merged") : "",
    own.cells.some((cell) => cell.reason) ? phrase("grid_withheld", {limit: count(Math.max(data.limit, 2))}) : "",
    own.caution,
  ].filter(Boolean) : [phrase("grid_too_few", {noun: own.noun})];
  byId("grid-note").replaceChildren(...notes.map((text) => paragraph(text, "note")));
}
