// The figures of the packages chosen: a sentence, a chart, a table, and what to be careful of.

// What each group says of the packages; groups whose model knows nothing of them have none.
function compute(view) {
  const other = state.comparing ? packageB() : null;
  const possible = drawn(state.a) > 0, both = other !== null && drawn(other) > 0;
  return data.groups.map((group, place) => {
    const model = modelOf(view.place, view.measure, place);
    const found = {group, place, model, a: possible ? support(model, state.a) : null, seenA: observedOf(view, state.a, place)};
    if (!possible || !both) return found;
    found.b = support(model, other);
    found.seenB = observedOf(view, other, place);
    found.difference = model && difference(model, state.a, other);
    const tasks = modelOf(view.place, "head to head", place);
    if (tasks && view.measure === "support") found.over = headToHead(tasks, state.a, other);
    return found;
  }).filter((found) => found.model);
}

function sayResult(view, found) {
  const all = found[0], first = phrase("package.A"), second = phrase("package.B");
  if (drawn(state.a) === 0) return phrase("never_meet.A");
  const parts = all.seenA ? [observedSentence(all.seenA, all.group.noun)] : [];
  if (all.seenA && chosenPlaces(state.a).length > 2) parts.push(phrase("observed_part"));
  if (!all.a) return [...parts, sayNone([all], first, state.a)].join(" ");
  if (!state.comparing && !chosenPlaces(state.a).length) parts.push(phrase("choose_levels"));
  parts.push(sentence(view, all.place, "A", all.a));
  if (view.outcome.shares.length > 1 && view.measure === "support") parts.push(sayAnswers(view, all));
  if (!state.comparing) return parts.join(" ");
  if (drawn(packageB()) === 0) return [...parts, phrase("never_meet.B")].join(" ");
  if (packageB().every((level, place) => level === state.a[place])) return [...parts, phrase("same_package")].join(" ");
  if (all.seenB && all.seenB !== all.seenA) parts.push(observedSentence(all.seenB, all.group.noun));
  if (all.b) parts.push(phrase("modelled_b", figureWithEnds(view, all.b)));
  else parts.push(sayNone([all], second, packageB()));
  if (all.difference) parts.push(sayDifference(view, all.difference));
  if (all.over) parts.push(phrase("head_to_head", figureWithEnds(view, all.over)));
  return parts.join(" ");
}

// Why groups have no figure for a package.
function sayNone(found, name, chosen) {
  const unseen = found.filter((own) => !weightsOf(own.model, chosen)), rest = found.filter((own) => !unseen.includes(own));
  const nouns = (some) => listed(some.map((own) => own.group.noun));
  return [
    unseen.length ? phrase("nobody_shown", {nouns: nouns(unseen), package: name}) : "",
    rest.length ? phrase("not_separable", {nouns: nouns(rest), package: name}) : "",
  ].filter(Boolean).join(" ");
}

function sayDifference(view, found) {
  const parts = {size: changeInUnits(view.outcome, found.value), ends: changeRange(view.outcome, found)};
  return phrase(found.low > 0 || found.high < 0 ? "difference.clear" : "difference.unclear", parts);
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
    base.textContent = phrase("base", {base: count(found.model.n)});
    head.append(base);
  }
  if (found.model.caution) {
    const flag = element("span", {class: "base flag"});
    flag.textContent = phrase("caution", {limit: count(data.caution)});
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

// The mean of the package's two levels as the poll observed it: figure, interval, base, and what was put together.
function observedCell(seen) {
  const told = !seen ? [phrase("observed_none")] : seen.reason ? seen.under : [seen.ends, seen.base];
  const under = seen && isMerged(seen) ? [...told, phrase("merged", {levels: seen.name})] : told;
  return element("td", {class: "number"}, seen && seen.fine ? seen.fine : DASH, ...under.map((text) => {
    const line = element("span", {class: "range"});
    line.textContent = text;
    return line;
  }));
}

// A modelled figure with its base: the column beside it has another one.
function basedCell(outcome, figure) {
  const cell = numberCell(outcome, figure, exact, range);
  if (figure) {
    const base = element("span", {class: "range"});
    base.textContent = phrase("base", {base: count(figure.base)});
    cell.append(base);
  }
  return cell;
}

// One package: a column each for the figure, its interval and its base; beside what was observed, one for both.
function oneTable(view, found) {
  if (found.some((own) => own.seenA)) {
    return [
      [phrase("group"), phrase("observed_head"), phrase("modelled_head")],
      found.map((own) => [groupHeader(own), observedCell(own.seenA), basedCell(view.outcome, own.a)]),
    ];
  }
  return [
    [phrase("group"), phrase("base_head"), phrase("modelled_head"), phrase("interval", {confidence: data.confidence})],
    found.map((own) => [
      groupHeader(own), plainCell(count(own.model.n)),
      plainCell(own.a ? exact(view.outcome, own.a.value) : DASH),
      plainCell(own.a ? range(view.outcome, own.a) : "")]),
  ];
}

// Two packages, and what lies between them, each with its interval below.
function twoTable(view, found) {
  const {outcome} = view, hasOver = found.some((own) => own.over);
  const hasA = found.some((own) => own.seenA), hasB = found.some((own) => own.seenB);
  const cell = hasA || hasB ? basedCell : (...own) => numberCell(...own, exact, range);
  return [
    [phrase("group"), ...(hasA ? [phrase("package_observed.A")] : []), phrase("package_modelled.A"),
      ...(hasB ? [phrase("package_observed.B")] : []), phrase("package_modelled.B"),
      phrase(isShare(outcome) ? "difference_points_head" : "difference_head"), ...(hasOver ? [phrase("over_head")] : [])],
    found.map((own) => [
      groupHeader(own, !hasA && !hasB), ...(hasA ? [observedCell(own.seenA)] : []), cell(outcome, own.a),
      ...(hasB ? [observedCell(own.seenB)] : []), cell(outcome, own.b),
      numberCell(outcome, own.difference, change, changeRange),
      ...(hasOver ? [numberCell(outcome, own.over, exact, range)] : [])]),
  ];
}

function resultTable(view, found) {
  const [names, rows] = (state.comparing ? twoTable : oneTable)(view, found);
  const body = element("tbody", {}, ...rows.map((cells) => element("tr", {}, ...cells)));
  return element("table", {id: "figures"}, caption(resultCaption(view, found)), headRow(names), body);
}

function resultCaption(view, found) {
  const parts = {outcome: viewLabel(view), confidence: data.confidence};
  if (!found.some((own) => own.seenA || own.seenB)) return phrase("table.modelled", parts);
  const [across, down] = data.grid.attributes.map((place) => data.attributes[place].label);
  return phrase("table.both", {...parts, profiles: data.profiles, across, down});
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
    said: phrase("chart.mark", {group: own.group.label, package: phrase(`package.${letter}`), ...figureWithEnds(view, figure)}),
  });
  return found.filter((own) => own.a || own.b).map((own) => ({
    name: own.group.label,
    base: phrase(own.model.caution ? "base_caution" : "base", {base: count(own.model.n)}),
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
  byId("caption").textContent = [
    phrase("chart.modelled", {outcome: viewLabel(view), confidence: data.confidence}),
    state.comparing ? phrase("chart.two") : "",
    reference === null ? "" : phrase("chart.reference"),
    even === null ? "" : phrase("chart.even"),
  ].filter(Boolean).join(" ");
  if (!rows.length) {
    byId("chart").replaceChildren();
    return;
  }
  draw(byId("chart"), rows, {
    domain: domainOf(view, found),
    format: isShare(view.outcome) ? ".0%" : ".1f",
    reference, even,
    description: phrase("chart.alt", {said}),
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
  const every = (letter) => by[letter].length === found.length, limit = count(Math.max(data.limit, 2));
  const parts = {package: name, limit};
  if (every("n")) note(list, phrase("seen.nobody", {package: name}));
  else if (by.n.length) note(list, phrase("seen.nobody_among", {package: name, nouns: listed(by.n)}));
  if (every("f")) note(list, phrase("seen.few", parts));
  else if (by.f.length) note(list, phrase("seen.few_among", {...parts, nouns: listed(by.f)}));
  if (by.u.length) note(list, phrase("seen.seldom", {package: name, times: amount(1 / drawn(chosen)), profiles: data.profiles}));
  if (every("s") && chosenPlaces(chosen).length > 1) note(list, phrase("seen.enough", parts));
}

// What choices between two profiles that both show an attribute, or both do not, cannot tell.
function noteAbsence(list, view) {
  const tasks = modelOf(view.place, "head to head", 0), packages = [state.a, ...(state.comparing ? [packageB()] : [])];
  if (!tasks || view.measure !== "support") return;
  const names = data.attributes.filter((_, place) => packages.some((own) => isAbsent(own, place)) && !tellsAbsence(tasks, place))
    .map((own) => own.label);
  if (names.length) note(list, phrase("absence", {names: listed(names)}));
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
          const parts = {pair: listed(pair.map((place) => data.attributes[place].label)), noun: own.group.noun, p: pValue(p[at], "p")};
          failing.push(answer.label ? phrase("additivity.pair_of_answer", {...parts, answer: answer.label}) : phrase("additivity.pair", parts));
        }
      });
      if (p.length && own === found[0]) least.push(Math.min(...p));
    }
  }
  if (failing.length) {
    note(list, phrase("additivity.failing", {pairs: listed(failing)}));
  } else if (least.length) {
    note(list, phrase("additivity.holding", {noun: found[0].group.noun, p: pValue(Math.min(...least))}));
  }
  if (untested) note(list, phrase("additivity.untested"));
}

// Which groups have a logit, and why.
function noteModel(list, view, found) {
  const places = view.measure === "support" && view.outcome.shares.length > 1 ? view.outcome.shares.map((own) => own.place) : [view.place];
  const isCurved = (own) => places.some((place) => (modelOf(place, view.measure, own.place) || {}).logit);
  const nouns = found.filter(isCurved).map((own) => own.group.noun);
  if (!nouns.length) return;
  note(list, phrase(isShare(view.outcome) ? "logit.share" : "logit.rating", {nouns: listed(nouns)}));
}

function showNotes(view, found) {
  const list = element("ul", {class: "notes"});
  noteShown(list, view, found, phrase("package.A"), state.a);
  if (state.comparing) noteShown(list, view, found, phrase("package.B"), packageB());
  noteAdditivity(list, view, found);
  const lost = found.filter((own) => !own.a && drawn(state.a) > 0);
  if (lost.length) note(list, sayNone(lost, phrase("package.A"), state.a));
  noteAbsence(list, view);
  noteModel(list, view, found);
  const cautioned = found.filter((own) => own.model.caution).map((own) => own.group.noun);
  if (cautioned.length) note(list, phrase("small_base", {limit: count(data.caution), nouns: listed(cautioned)}));
  const without = data.groups.filter((own) => !found.some((one) => one.group === own)).map((own) => own.label);
  const hidden = [...data.hidden, ...without];
  if (hidden.length) note(list, phrase("hidden", {names: listed(hidden), limit: count(Math.max(data.limit, 2))}));
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
