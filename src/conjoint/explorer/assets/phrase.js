// Sentences by key, from the page's data: the rule of say/phrase.py. A test compares both over all keys.

// `parts` are what stands in the places of a sentence; `n` is a count, which has a form for one and one for others.
function phrase(key, parts = {}) {
  const full = "n" in parts ? `${key}.${parts.n === 1 ? "one" : "other"}` : key, text = data.phrases[full];
  if (text === undefined) throw new Error(full);
  return text.replace(/\{(\w+)\}/g, (_, name) => {
    if (!(name in parts)) throw new Error(`${full}: ${name}`);
    return name === "n" ? count(parts.n) : parts[name];
  });
}
