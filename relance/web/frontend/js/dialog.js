// Dialogs fetched into #dialog: opened over the page, closed by Esc, a click beside, or success.
import htmx from "htmx";
import { find, on } from "./dom.js";
import { fragment, request } from "./http.js";

let opener = null;

export async function openDialog(url, from = document.activeElement) {
  const response = await request(url);
  if (!response.ok) { location.assign(url); return; }
  const content = fragment(await response.text());
  if (!find("dialog", content)) { location.assign(url); return; }
  showDialog(content, from);
}

export function showDialog(content, from = document.activeElement) {
  opener ??= from;
  find("#dialog").replaceChildren(content);
  show();
}

function show() {
  const dialog = find("#dialog > dialog");
  if (!dialog || dialog.open) return;
  htmx.process(dialog);
  dialog.addEventListener("close", empty, { once: true });
  dialog.showModal();
  const first = find("[autofocus], [aria-invalid=true], input:not([type=hidden]), select, textarea", dialog);
  (first ?? find("button", dialog))?.focus();
}

function empty() {
  find("#dialog").replaceChildren();
  const target = opener?.isConnected ? opener : null;
  opener = null;
  target?.focus?.({ preventScroll: true });
}

export const closeDialog = () => find("#dialog > dialog[open]")?.close();
export const isDialogOpen = () => find("dialog[open]") !== null;

on("click", "a[data-dialog]", (event, link) => {
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  openDialog(link.href, link);
});
on("click", "#dialog [data-close]", (event) => { event.preventDefault(); closeDialog(); });
on("click", "#dialog > dialog", (event, dialog) => { if (event.target === dialog) dialog.close(); });
// htmx puts the form back with its errors, or answers 204 when it is done.
document.addEventListener("htmx:after:swap", show);
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  if (ctx?.response?.status === 204 && ctx.sourceElement?.closest?.("#dialog") && !ctx.sourceElement.closest("[data-keep-dialog]")) closeDialog();
});
