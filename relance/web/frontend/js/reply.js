// The reply box: grows with its text, keeps it until it is sent, sends on Ctrl ↵.
import { find, on } from "./dom.js";

const keyOf = (form) => `reply-${form.dataset.reply}`;
const box = (form) => find("textarea", form);

function grow(area) {
  area.style.setProperty("height", "auto");
  area.style.setProperty("height", `${Math.min(area.scrollHeight + 2, innerHeight * 0.45)}px`);
}

export function focusReply(toAll) {
  const form = find("[data-reply]");
  if (!form) return;
  const all = find("[data-reply-all]", form);
  if (all && all.checked !== toAll) all.click();
  box(form).focus();
}

function prepare() {
  const form = find("[data-reply]");
  if (!form) return;
  const area = box(form);
  const kept = sessionStorage.getItem(keyOf(form));
  if (kept && !area.value) area.value = kept;
  if (area.value) grow(area); // an empty one has its height already
}

on("input", "[data-reply] textarea", (_event, area) => {
  const form = area.form;
  if (area.value) sessionStorage.setItem(keyOf(form), area.value);
  else sessionStorage.removeItem(keyOf(form));
  grow(area);
});
on("keydown", "[data-reply] textarea", (event, area) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  area.form.requestSubmit();
});
// A cleared box follows a queued answer; a refused one comes back with its text.
document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  const form = ctx?.sourceElement?.closest?.("[data-reply]");
  if (form && ctx.response?.status === 200) sessionStorage.removeItem(keyOf(form));
});
document.addEventListener("htmx:after:swap", prepare);
document.addEventListener("page:shown", prepare);
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", prepare);
else prepare();
