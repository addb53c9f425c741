// A small question over the composer: a choice, or one line of text. Resolves to what was chosen.
import { element } from "./draw.js";

// `choices`: [[value, label, isPrimary]…]; with `field` {label, value, type} resolves to its text
// for a chosen value that is not "". Esc and a click beside resolve to "".
export function ask({ title, text = "", body = null, choices, field = null }) {
  const heading = element("h2", { text: title, attributes: { id: "ask-h" } });
  const input = field && element("input", { className: "input", attributes: { value: field.value ?? "", "aria-label": field.label, type: field.type ?? "text", inputmode: field.mode ?? "text" } });
  const buttons = choices.map(([value, label, isPrimary]) =>
    element("button", { className: `btn${isPrimary ? " btn--primary" : ""}`, text: label, attributes: { value, type: isPrimary ? "submit" : "button" } }));
  const form = element("form", { attributes: { method: "dialog" } },
    element("header", { className: "dialog__head" }, heading),
    element("div", { className: "dialog__body" }, text && element("p", { text }), body, input),
    element("footer", { className: "dialog__foot" }, element("span", { className: "grow" }), ...buttons));
  const dialog = element("dialog", { className: "dialog", attributes: { "data-modal": "", "aria-labelledby": "ask-h" } }, form);
  const from = document.activeElement;
  document.body.append(dialog);
  return new Promise((resolve) => {
    let chosen = "";
    const primary = buttons.find((button) => button.type === "submit");
    form.addEventListener("submit", () => { chosen = primary.value; });
    for (const button of buttons) if (button !== primary) button.addEventListener("click", () => { chosen = button.value; dialog.close(); });
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    dialog.addEventListener("close", () => {
      dialog.remove();
      from?.focus?.({ preventScroll: true });
      resolve(field && chosen ? input.value.trim() : chosen);
    });
    dialog.showModal();
    (input ?? primary ?? buttons[0]).focus();
    input?.select();
  });
}
