// The criteria editor: each choice draws the form again, and the control in use keeps the focus.
import htmx from "htmx";
import { find, findAll, on } from "./dom.js";
import { fragment, request } from "./http.js";

async function send(form, submitter) {
  const body = new FormData(form, submitter);
  const response = await request(form.getAttribute("action"), { method: "POST", body });
  const to = response.headers.get("HX-Redirect");
  if (to) { location.assign(to); return; }
  const fresh = find("[data-criteria]", fragment(await response.text()));
  if (!fresh || !form.isConnected) return;
  const focused = document.activeElement?.id;
  const added = submitter?.value?.startsWith("add:") || submitter?.value?.startsWith("some:");
  const before = findAll(".crit", form).length;
  form.replaceWith(fresh);
  htmx.process(fresh);
  const lines = findAll(".crit", fresh);
  const next = added && lines.length > before ? find("select", lines.at(-1)) : focused && document.getElementById(focused);
  (find("[aria-invalid=true]", fresh) ?? next ?? find("select", fresh))?.focus();
}

on("change", "[data-criteria] [data-redraw]", (_event, control) => {
  const form = control.closest("form");
  if (form.reportValidity()) send(form);
});
on("submit", "[data-criteria]", (event, form) => {
  event.preventDefault();
  send(form, event.submitter);
});
