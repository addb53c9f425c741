// The addresses of a person's form: one more row, or one less. Without script one row is spare.
import { find, findAll, on } from "./dom.js";

const rows = (list) => findAll("[data-address-row]", list);

function prepare(root = document) {
  for (const button of findAll("[data-add-address], [data-remove-address]", root)) button.hidden = false;
}

// Radios name rows by their place, so that places are counted anew when a row goes.
function number(list) {
  rows(list).forEach((row, n) => { find("[name=primary]", row).value = String(n); });
}

function blank(row) {
  const fresh = row.cloneNode(true);
  for (const input of findAll("input:not([type=radio])", fresh)) input.value = "";
  find("[name=primary]", fresh).checked = false;
  find(".err", fresh)?.remove();
  find("[name=address]", fresh).removeAttribute("aria-invalid");
  return fresh;
}

on("click", "[data-add-address]", (_event, button) => {
  const list = button.closest("[data-address-rows]");
  const last = rows(list).at(-1);
  last.after(blank(last));
  number(list);
  find("[name=address]", rows(list).at(-1)).focus();
});

on("click", "[data-remove-address]", (_event, button) => {
  const list = button.closest("[data-address-rows]");
  const row = button.closest("[data-address-row]");
  if (rows(list).length === 1) {
    find("[name=address]", row).value = "";
    return;
  }
  const wasPrimary = find("[name=primary]", row).checked;
  row.remove();
  number(list);
  if (wasPrimary) find("[name=primary]", list).checked = true;
  find("[name=address]", list).focus();
});

prepare();
document.addEventListener("htmx:after:swap", () => prepare());
document.addEventListener("htmx:after:process", () => prepare());
