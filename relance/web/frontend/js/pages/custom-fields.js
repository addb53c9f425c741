// The choices of a list: more empty lines to fill in.
import { find, findAll, on } from "../dom.js";

function prepare() {
  for (const button of findAll("[data-more-choices]")) button.hidden = false;
}

on("click", "[data-more-choices]", (_event, button) => {
  const list = find("[data-orderable]", button.closest("fieldset"));
  const fresh = list.lastElementChild.cloneNode(true);
  for (const input of findAll("input", fresh)) input.value = "";
  list.append(fresh);
  find("[name=choice_label]", fresh).focus();
});

prepare();
document.addEventListener("htmx:after:swap", prepare);
document.addEventListener("htmx:after:process", prepare);
