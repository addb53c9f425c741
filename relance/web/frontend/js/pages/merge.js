// Two records beside each other: the last column says what the choice makes of both.
import { find, findAll, on } from "../dom.js";

const words = (input) => input.closest("label").querySelector("span").textContent;

function say(row) {
  const chosen = findAll("input:checked", row).map(words);
  const result = find("[data-merge-result]", row);
  if (!row.matches("[data-merge-addresses]")) {
    (find("b", result) ?? result).textContent = chosen[0] ?? "";
    return;
  }
  result.textContent = chosen.map((text, n) => (n ? text : `${text} ${row.dataset.primary}`)).join(", ");
}

on("change", "[data-merge] input", (_event, input) => say(input.closest("tr")));
