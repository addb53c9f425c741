// The criteria editor: each choice draws the form again, and the control in use keeps the focus.
import htmx from "htmx";
import { find, findAll, on } from "../dom.js";
import { fragment, request } from "../http.js";

let sending = 0; // the latest request: what an older one answers is not shown
let touched = false; // was something typed since it left?

async function send(form, submitter) {
  const mine = ++sending;
  touched = false;
  const body = new FormData(form, submitter);
  const response = await request(form.getAttribute("action"), { method: "POST", body });
  const to = response.headers.get("HX-Redirect");
  if (to) { location.assign(to); return; }
  const fresh = find("[data-criteria]", fragment(await response.text()));
  if (!fresh || !form.isConnected || mine !== sending) return;
  if (touched && !submitter) { send(form); return; }
  replace(form, fresh, /^(add|some|group):/.test(submitter?.value ?? ""));
}

function replace(form, fresh, isLonger) {
  const focused = document.activeElement?.id;
  form.replaceWith(fresh);
  htmx.process(fresh);
  const added = isLonger && find("select", findAll(".crit", fresh).at(-1));
  const same = focused && document.getElementById(focused);
  (find("[aria-invalid=true]", fresh) || added || same || find("select", fresh))?.focus();
}

on("input", "[data-criteria]", () => { touched = true; });
on("change", "[data-criteria] [data-redraw]", (_event, control) => send(control.form));
on("submit", "[data-criteria]", (event, form) => {
  event.preventDefault();
  send(form, event.submitter);
});
