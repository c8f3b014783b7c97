// All answers to what was asked of each package: how many give which, as a bar and as figures.

const FIRST = 0x33, LAST = 0xd4;

// Shades of grey: colours are the groups' own.
function answerColour(place, number) {
  const grey = Math.round(FIRST + (LAST - FIRST) * place / Math.max(1, number - 1));
  return `rgb(${grey},${grey},${grey})`;
}

// By package the figure of each answer, in the order of the answers; null where there is none.
function answersOf(view, own) {
  const packages = [["A", state.a], ...(state.comparing ? [["B", packageB()]] : [])];
  return packages.map(([letter, chosen]) => ({
    letter,
    figures: drawn(chosen) > 0 ? answerShares(view.outcome, view.measure, own.place, chosen) : view.outcome.shares.map(() => null),
  }));
}

// What the others answer, of everybody.
function sayAnswers(view, own) {
  const [{figures}] = answersOf(view, own);
  const answers = view.outcome.shares.map((share, place) => (place && figures[place]
    ? phrase("answer", {answer: share.label, ...figureWithEnds(view, figures[place])}) : null));
  return phrase("other_answers", {answers: answers.filter(Boolean).join(", ")});
}

// Lengths stay inside the bar where a figure leaves 0 to 100%.
function answerBar(figures) {
  const bar = element("div", {class: "stack", "aria-hidden": "true"});
  figures.forEach((found, place) => {
    const part = element("span");
    part.style.flexGrow = String(Math.max(0, found.value));
    part.style.backgroundColor = answerColour(place, figures.length);
    bar.append(part);
  });
  return bar;
}

function answerHead(share, place, shares) {
  const key = element("span", {class: "key", "aria-hidden": "true"});
  key.style.backgroundColor = answerColour(place, shares.length);
  return element("th", {scope: "col", class: "number"}, key, share.label);
}

// The head of a row: the group with its base, and which package where there are two.
function answerRowHead(own, letter) {
  const head = letter === "B" ? element("th", {scope: "row"}) : groupHeader(own, true);
  if (!state.comparing) return head;
  const name = element("span", {class: "base"});
  name.textContent = phrase(`package.${letter}`);
  if (letter === "B") {
    const group = element("span", {class: "unseen"});
    group.textContent = phrase("answers_group", {group: own.group.label});
    head.append(group);
  }
  head.append(name);
  return head;
}

function answerRows(view, own) {
  return answersOf(view, own).flatMap(({letter, figures}) => {
    const row = element("tr", {class: "figures"}, answerRowHead(own, letter),
      ...figures.map((found) => numberCell(view.outcome, found, exact, range)));
    if (!figures.every(Boolean)) return [row];
    const cell = element("td", {colspan: figures.length + 1}, answerBar(figures));
    return [row, element("tr", {class: "bar"}, cell)];
  });
}

function showAnswers(view, found) {
  const {shares} = view.outcome, there = shares.length > 1 && view.measure === "support";
  byId("answers-part").hidden = !there;
  if (!there) {
    byId("answers").replaceChildren();
    return;
  }
  const group = element("th", {scope: "col"});
  group.textContent = phrase("group");
  const head = element("thead", {}, element("tr", {}, group, ...shares.map(answerHead)));
  const said = caption(phrase("answers_caption", {outcome: viewLabel(view), confidence: data.confidence}));
  const bodies = found.map((own) => element("tbody", {}, ...answerRows(view, own)));
  byId("answers").replaceChildren(element("table", {id: "shares"}, said, head, ...bodies));
}
