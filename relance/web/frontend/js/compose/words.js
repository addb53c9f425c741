// The composer's words, given by its template so that they are translated with the rest.
export const wordsOf = (form) => ({
  raw: (name) => form.getAttribute(`data-words-${name}`) ?? "",
  of: (name, values = {}) =>
    (form.getAttribute(`data-words-${name}`) ?? "").replace(/\{(\w+)\}/g, (_, key) => values[key] ?? ""),
});
