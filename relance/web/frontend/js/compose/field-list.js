// The fields a text may name, asked once a page and shared by every composer on it.
import { text } from "../http.js";

export const labels = new Map(); // "Person.firstName" → "Contact: first name"
let groups = null;
let asking = null;

const bare = (code) => code.replace(/^\{|\}$/g, "");

// `wording`: "{entity}: {field}" in the reader's language. Resolves to [{label, fields: [{code, label}]}].
export function fieldGroups(url, wording) {
  asking ??= text(url).then((answer) => {
    groups = JSON.parse(answer).groups.map((group) => ({ ...group, fields: group.fields.map((field) => ({ ...field, code: bare(field.code) })) }));
    for (const group of groups) {
      for (const { code, label } of group.fields) labels.set(code, wording.replace("{entity}", group.label).replace("{field}", label));
    }
    return groups;
  }).catch(() => { asking = null; return []; });
  return asking;
}
