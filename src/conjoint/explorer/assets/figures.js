// The figures of the packages chosen: a sentence, a chart, a table, and what to be careful of.

// What each group says of the packages; groups whose model knows nothing of them have none.
function compute(view) {
  const other = state.comparing ? packageB() : null;
  const possible = drawn(state.a) > 0, both = other !== null && drawn(other) > 0;
  return data.groups.map((group, place) => {
    const model = modelOf(view.place, view.measure, place);
    const found = {group, place, model, a: possible ? support(model, state.a) : null};
    if (!possible || !both) return found;
    found.b = support(model, other);
    found.difference = model && difference(model, state.a, other);
    const tasks = modelOf(view.place, "head to head", place);
    if (tasks && view.measure === "support") found.over = headToHead(tasks, state.a, other);
    return found;
  }).filter((found) => found.model);
}

function sayResult(view, found) {
  const all = found[0], parts = [];
  if (drawn(state.a) === 0) return "These levels never meet in a package. Please change one.";
  if (!all.a) return sayNone([all], "package A", state.a);
  const said = sentence(view, all.place, "package A", all.a);
  if (!state.comparing && !chosenPlaces(state.a).length) {
    return `Choose levels for package A. With everything averaged over the design: ${said}`;
  }
  parts.push(said);
  if (view.outcome.shares.length > 1 && view.measure === "support") parts.push(sayAnswers(view, all));
  if (!state.comparing) return capital(parts.join(" "));
  if (drawn(packageB()) === 0) {
    parts.push("Package B combines levels that never meet. Please change one.");
    return capital(parts.join(" "));
  }
  if (packageB().every((level, place) => level === state.a[place])) {
    parts.push("Package B is the same as package A: change one of its levels to compare.");
    return capital(parts.join(" "));
  }
  if (all.b) parts.push(`For package B it is ${exact(view.outcome, all.b.value)} (${range(view.outcome, all.b)}).`);
  if (all.difference) parts.push(sayDifference(view, all.difference));
  if (all.over) {
    parts.push(`Given the choice between the two, ${exact(view.outcome, all.over.value)} `
      + `(${range(view.outcome, all.over)}) choose package A.`);
  }
  return capital(parts.join(" "));
}

// Why groups have no figure for a package.
function sayNone(found, name, chosen) {
  const unseen = found.filter((own) => !weightsOf(own.model, chosen)), rest = found.filter((own) => !unseen.includes(own));
  const nouns = (some) => listed(some.map((own) => own.group.noun));
  return [
    unseen.length ? `Nobody among ${nouns(unseen)} was shown what ${name} combines: no figure.` : "",
    rest.length ? `Among ${nouns(rest)} the poll cannot tell ${name} from what always went with it: no figure.` : "",
  ].filter(Boolean).join(" ");
}

function sayDifference(view, found) {
  const unit = isShare(view.outcome) ? " points" : "";
  const size = change(view.outcome, found.value), held = changeRange(view.outcome, found);
  const clear = found.low > 0 || found.high < 0;
  return `The difference is ${size}${unit} (${held})${clear ? "." : ", which is not clearly different from none."}`;
}

function swatch(group) {
  const name = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(name, "svg"), path = document.createElementNS(name, "path");
  svg.setAttribute("viewBox", "-1.1 -1.1 2.2 2.2");
  svg.setAttribute("class", "swatch");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", PATHS[group.shape] || group.shape);
  path.setAttribute("fill", group.colour);
  svg.append(path);
  return svg;
}

const PATHS = {
  circle: "M-1,0A1,1,0,1,1,1,0A1,1,0,1,1,-1,0Z", square: "M-.9,-.9H.9V.9H-.9Z",
  "triangle-up": "M0,-1L1,.9H-1Z", "triangle-down": "M0,1L1,-.9H-1Z", diamond: "M0,-1.1L1,0L0,1.1L-1,0Z",
  cross: "M-.35,-1H.35V-.35H1V.35H.35V1H-.35V.35H-1V-.35H-.35Z",
};

function groupHeader(found, withBase) {
  const head = element("th", {scope: "row"}, swatch(found.group), found.group.label);
  if (withBase) {
    const base = element("span", {class: "base"});
    base.textContent = `base ${count(found.model.n)}`;
    head.append(base);
  }
  if (found.model.caution) {
    const flag = element("span", {class: "base flag"});
    flag.textContent = `caution: under ${count(data.caution)}`;
    head.append(flag);
  }
  return head;
}

function numberCell(outcome, found, say, ends) {
  const cell = element("td", {class: "number"});
  if (!found) {
    cell.textContent = DASH;
    return cell;
  }
  const held = element("span", {class: "range"});
  held.textContent = ends(outcome, found);
  cell.append(say(outcome, found.value), held);
  return cell;
}

function headRow(names) {
  return element("thead", {}, element("tr", {}, ...names.map((name, place) => {
    const head = element("th", {scope: "col", class: place ? "number" : false});
    head.textContent = name;
    return head;
  })));
}

function plainCell(text, name = "number") {
  const cell = element("td", {class: name});
  cell.textContent = text;
  return cell;
}

// One package: a column each for the figure, its interval and its base.
function oneTable(view, found) {
  return [
    ["Group", "Base", "Package A", `${data.confidence}% interval`],
    found.map((own) => [
      groupHeader(own), plainCell(count(own.model.n)),
      plainCell(own.a ? exact(view.outcome, own.a.value) : DASH),
      plainCell(own.a ? range(view.outcome, own.a) : "")]),
  ];
}

// Two packages, and what lies between them, each with its interval below.
function twoTable(view, found) {
  const {outcome} = view, over = found.some((own) => own.over);
  return [
    ["Group", "Package A", "Package B", isShare(outcome) ? "A less B, points" : "A less B",
      ...(over ? ["A chosen over B"] : [])],
    found.map((own) => [
      groupHeader(own, true), numberCell(outcome, own.a, exact, range), numberCell(outcome, own.b, exact, range),
      numberCell(outcome, own.difference, change, changeRange),
      ...(over ? [numberCell(outcome, own.over, exact, range)] : [])]),
  ];
}

function resultTable(view, found) {
  const [names, rows] = (state.comparing ? twoTable : oneTable)(view, found);
  const body = element("tbody", {}, ...rows.map((cells) => element("tr", {}, ...cells)));
  const said = caption(`${viewLabel(view)}: figures with ${data.confidence}% intervals, and the people they stand on.`);
  return element("table", {id: "figures"}, said, headRow(names), body);
}

// Rows of the chart, from the same figures as the table.
function chartRows(view, found) {
  const {outcome} = view;
  const dot = (own, letter, figure) => ({
    value: figure.value, low: figure.low, high: figure.high, colour: own.group.colour,
    shape: own.group.shape, fill: letter === "A" ? own.group.colour : "#ffffff",
    dash: letter === "A" ? [1, 0] : [5, 3],
    weight: letter === "A" ? 600 : 400,
    text: (state.comparing ? `${letter}\u00a0` : "") + brief(outcome, figure.value),
    said: `${own.group.label}, package ${letter}: ${exact(outcome, figure.value)}, ${range(outcome, figure)}`,
  });
  return found.filter((own) => own.a || own.b).map((own) => ({
    name: own.group.label,
    base: `base ${count(own.model.n)}${own.model.caution ? ", caution" : ""}`,
    figures: [...(own.a ? [dot(own, "A", own.a)] : []), ...(own.b ? [dot(own, "B", own.b)] : [])],
  }));
}

// The axis stays where it is whatever is chosen, unless an interval leaves it.
function domainOf(view, found) {
  const ends = found.flatMap((own) => [
    // What no share can be is on the axis only where a figure is there.
    ...extremes(own.model).map((end) => (isShare(view.outcome) ? Math.min(1, Math.max(0, end)) : end)),
    ...[own.a, own.b].filter(Boolean).flatMap((figure) => [figure.low, figure.high])]);
  const step = isShare(view.outcome) ? 0.1 : (view.outcome.range[1] - view.outcome.range[0]) / 10;
  return [
    Math.floor(Math.min(...ends) / step + 1e-9) * step,
    Math.ceil(Math.max(...ends) / step - 1e-9) * step,
  ];
}

function showChart(view, found, said) {
  const rows = chartRows(view, found), all = found[0];
  const reference = !state.comparing && found.length > 1 && all.place === 0 && all.a ? all.a.value : null;
  const even = view.measure === "support" ? view.outcome.even : null;
  byId("caption").textContent = `${viewLabel(view)}. A mark a group with its ${data.confidence}% interval`
    + (state.comparing ? "; package A is filled, package B hollow and dashed" : "")
    + (reference === null ? "." : "; the dashed line is at the figure of everybody.")
    + (even === null ? "" : " The grey line is an even choice.");
  if (!rows.length) {
    byId("chart").replaceChildren();
    return;
  }
  draw(byId("chart"), rows, {
    domain: domainOf(view, found),
    format: isShare(view.outcome) ? ".0%" : ".1f",
    reference, even,
    description: `Support by group. ${said} The table below has every figure.`,
  });
}

function note(list, text) {
  const item = element("li");
  item.textContent = text;
  list.append(item);
}

// Whether anybody was shown a package, in as few words as will do.
function noteShown(list, view, found, name, chosen) {
  if (drawn(chosen) === 0 || !chosenPlaces(chosen).length) return;
  const by = {n: [], f: [], u: [], s: []};
  for (const own of found) by[shownTo(view.place, own.place, chosen)].push(own.group.noun);
  const every = (letter) => by[letter].length === found.length;
  if (by.n.length) {
    note(list, `No respondent${every("n") ? "" : ` among ${listed(by.n)}`} saw ${name}: `
      + "the figure rests on the model alone.");
  }
  if (by.f.length) {
    note(list, `Fewer than ${count(Math.max(data.limit, 2))} people${every("f") ? "" : ` among ${listed(by.f)}`} saw `
      + `${name}: the figure rests on the model more than on them.`);
  }
  if (by.u.length) {
    note(list, `The poll draws ${name} once in ${amount(1 / drawn(chosen))} ${data.profile}s, so that the figure rests `
      + "on the model all but alone.");
  }
  if (every("s") && chosenPlaces(chosen).length > 1) {
    note(list, `${capital(name)} was shown to ${count(Math.max(data.limit, 2))} people or more in every group.`);
  }
}

// What choices between two profiles that both show an attribute, or both do not, cannot tell.
function noteAbsence(list, view) {
  const tasks = modelOf(view.place, "head to head", 0), packages = [state.a, ...(state.comparing ? [packageB()] : [])];
  if (!tasks || view.measure !== "support") return;
  const names = data.attributes.filter((_, place) => packages.some((own) => isAbsent(own, place)) && !tellsAbsence(tasks, place))
    .map((own) => own.label);
  if (names.length) note(list, `The choices do not tell what leaving out ${listed(names)} is worth against showing it.`);
}

// Whether levels add up: the tests of all pairs that are chosen, allowing for their number.
function noteAdditivity(list, view, found) {
  const other = state.comparing ? packageB() : state.a;
  const places = data.attributes.flatMap(
    (_, place) => (state.a[place] === null && other[place] === null ? [] : [place]));
  if (places.length < 2) return;
  const failing = [], least = [];
  let untested = 0;
  const answers = view.measure === "support" && view.outcome.shares.length > 1 ? view.outcome.shares : [{place: view.place}];
  for (const own of found) {
    for (const answer of answers) {
      const table = data.additivity[`${answer.place}|${view.measure}|${own.place}`] || {};
      const pairs = pairsOf(places).filter((pair) => pair.join(",") in table);
      const tested = pairs.filter((pair) => table[pair.join(",")] !== null);
      untested += pairs.length - tested.length;
      const p = holm(tested.map((pair) => table[pair.join(",")]));
      tested.forEach((pair, at) => {
        if (p[at] < 0.05) {
          failing.push(`${pair.map((place) => data.attributes[place].label).join(" and ")} `
            + `among ${own.group.noun} (${answer.label ? `${answer.label}: ` : ""}${pValue(p[at], "p")})`);
        }
      });
      if (p.length && own === found[0]) least.push(Math.min(...p));
    }
  }
  if (failing.length) {
    note(list, `Levels do not simply add up: ${listed(failing)}. Read these figures with care.`);
  } else if (least.length) {
    note(list, "Adding up: no test finds that the attributes chosen change what each other is worth "
      + `(smallest p among ${found[0].group.noun}: ${pValue(Math.min(...least))}). That is no proof; few people see little.`);
  }
  if (untested) note(list, "Some pairs of attributes could not be tested for whether they add up.");
}

// Which groups have a logit, and why.
function noteModel(list, view, found) {
  const places = view.measure === "support" && view.outcome.shares.length > 1 ? view.outcome.shares.map((own) => own.place) : [view.place];
  const isCurved = (own) => places.some((place) => (modelOf(place, view.measure, own.place) || {}).logit);
  const nouns = found.filter(isCurved).map((own) => own.group.noun);
  if (!nouns.length) return;
  note(list, `A logit gives the figures of ${listed(nouns)}: levels that simply add up would leave `
    + `${isShare(view.outcome) ? "0 to 100%" : "the scale"} for some packages.`);
}

function showNotes(view, found) {
  const list = element("ul", {class: "notes"});
  noteShown(list, view, found, "package A", state.a);
  if (state.comparing) noteShown(list, view, found, "package B", packageB());
  noteAdditivity(list, view, found);
  const lost = found.filter((own) => !own.a && drawn(state.a) > 0);
  if (lost.length) note(list, sayNone(lost, "package A", state.a));
  noteAbsence(list, view);
  noteModel(list, view, found);
  const cautioned = found.filter((own) => own.model.caution).map((own) => own.group.noun);
  if (cautioned.length) note(list, `Caution: fewer than ${count(data.caution)} people among ${listed(cautioned)}.`);
  if (data.hidden.length) {
    note(list, `Not shown: ${listed(data.hidden)}, because fewer than ${count(Math.max(data.limit, 2))} people answered or saw some level, `
      + "or because that would give away a group that small.");
  }
  byId("notes").replaceChildren(list);
}

function showFigures() {
  const view = views[state.view], found = compute(view), said = sayResult(view, found);
  if (byId("said").textContent !== said) byId("said").textContent = said;
  byId("result").replaceChildren(resultTable(view, found));
  showAnswers(view, found);
  showChart(view, found, said);
  showNotes(view, found);
}
