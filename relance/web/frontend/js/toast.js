// What was just done, with a way back for a while.
import { announce, find, on } from "./dom.js";
import { post } from "./http.js";

const SECONDS = 12;
let timer;

function show({ text, undo, seconds }) {
  const toast = find("#toast");
  if (!toast || !text) return;
  find("[data-toast-text]", toast).textContent = text;
  const form = find("[data-toast-undo]", toast);
  form.action = undo || "";
  form.hidden = !undo;
  toast.hidden = false;
  announce(text);
  clearTimeout(timer);
  timer = setTimeout(hide, (Number(seconds) || SECONDS) * 1000);
}

function hide() {
  const toast = find("#toast");
  if (toast) toast.hidden = true;
}

export async function undoLast() {
  const form = find("[data-toast-undo]");
  if (!form || form.hidden || find("#toast").hidden) return;
  hide();
  await post(form.getAttribute("action"));
}

document.addEventListener("toast", (event) => show(event.detail));
on("submit", "[data-toast-undo]", (event) => { event.preventDefault(); undoLast(); });
const left = find("#toast:not([hidden])");
if (left) timer = setTimeout(hide, (Number(left.dataset.seconds) || SECONDS) * 1000);
