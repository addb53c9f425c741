// Small helps for forms: a choice that is sent at once, and text to copy.
import { announce, find, findAll, on } from "./dom.js";

function prepare() {
  for (const button of findAll("[data-without-script]")) button.hidden = true;
  for (const button of findAll("[data-copy]")) button.hidden = false;
}

on("change", "[data-submit-on-change]", (_event, control) => control.form.requestSubmit());

on("click", "[data-copy]", async (_event, button) => {
  const text = find(button.dataset.copy)?.textContent.trim() ?? "";
  try {
    await navigator.clipboard.writeText(text);
    announce(button.dataset.done);
    find("span", button).textContent = button.dataset.done;
  } catch {
    getSelection().selectAllChildren(find(button.dataset.copy));
  }
});

prepare();
