// What people choose, and the controls that they choose with.

const AVERAGED = "averaged", SAME = "same";

const views = data.outcomes.flatMap((outcome, place) => outcome.measures
  .filter((measure) => measure !== "head to head")
  .map((measure) => ({outcome, place, measure})));

function atStart() {
  const none = data.attributes.map(() => null);
  return {
    view: Math.max(0, views.findIndex((own) => own.place === data.main)),
    a: [...none],
    b: none.map(() => SAME),
    comparing: false,
    group: 0,
  };
}

let state = atStart();

const byId = (id) => document.getElementById(id);

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

// The second package, with what it takes from the first.
function packageB() {
  return state.b.map((level, place) => (level === SAME ? state.a[place] : level));
}

function fillOptions(select, options, value) {
  select.replaceChildren(...options.map((own) => {
    const made = element("option", {value: own.value, disabled: own.disabled});
    made.textContent = own.text;
    return made;
  }));
  select.value = String(value);
}

// A level that the design never draws with the others is not on offer, and says so; nor is not shown, where
// the others are never shown without it.
function levelOptions(chosen, place) {
  const {levels} = data.attributes[place];
  return Array.from({length: statesOf(place)}, (_, at) => {
    const tried = chosen.map((own, other) => (other === place ? at : own));
    const never = drawn(tried) === 0, level = at < levels.length ? levelLabel(place, at) : phrase("not_shown_option");
    const told = () => (at < levels.length ? phrase("never_with_chosen", {level}) : phrase("never_without", {level}));
    return {value: at, disabled: never, text: never ? told() : level};
  });
}

function fillPackage(letter) {
  const first = letter === "a", chosen = first ? state.a : packageB();
  data.attributes.forEach((_, place) => {
    const select = byId(`${letter}-${place}`);
    const averaged = {value: AVERAGED, text: phrase(data.attributes[place].sometimes ? "averaged_as_it_stood" : "averaged_over_design")};
    const none = chosen.map((level, other) => (other === place ? null : level));
    averaged.disabled = drawn(none) === 0;
    const own = first ? state.a[place] : state.b[place];
    const options = [averaged, ...levelOptions(chosen, place)];
    if (!first) options.unshift({value: SAME, text: phrase("as_in_a", {level: shownLevel(state.a, place)})});
    fillOptions(select, options, own === null ? AVERAGED : own);
    select.classList.toggle("averaged", own === null || own === SAME);
  });
}

function shownLevel(chosen, place) {
  return chosen[place] === null ? phrase("averaged") : levelLabel(place, chosen[place]);
}

function read(select) {
  return select.value === AVERAGED ? null : select.value === SAME ? SAME : Number(select.value);
}

function buildPackage(letter) {
  const box = document.querySelector(`#package-${letter} .fields`);
  data.attributes.forEach((attribute, place) => {
    const id = `${letter}-${place}`;
    const label = element("label", {for: id});
    label.textContent = attribute.label;
    const select = element("select", {id});
    if (attribute.text) select.title = attribute.text;
    select.addEventListener("change", () => {
      state[letter][place] = read(select);
      update();
    });
    box.append(element("div", {class: "field"}, label, select));
  });
}

function buildControls() {
  buildPackage("a");
  buildPackage("b");
  const outcome = byId("outcome");
  fillOptions(outcome, views.map((own, value) => ({value, text: viewLabel(own)})), state.view);
  byId("outcome-field").hidden = views.length < 2;
  outcome.addEventListener("change", () => {
    state.view = Number(outcome.value);
    update();
  });
  byId("compare").addEventListener("change", (event) => {
    state.comparing = event.target.checked;
    update();
  });
  byId("reset").addEventListener("click", () => {
    state = atStart();
    byId("compare").checked = false;
    update();
  });
}

function fillControls() {
  byId("outcome").value = String(state.view);
  byId("wording").textContent = views[state.view].outcome.text;
  byId("wording").hidden = !views[state.view].outcome.text;
  byId("package-b").hidden = !state.comparing;
  byId("controls").classList.toggle("comparing", state.comparing);
  fillPackage("a");
  fillPackage("b");
}
