// Addresses in pages and in mails open the composer, unless one prefers a program of one's own.
import { findAll } from "./dom.js";

const composer = () => document.body.dataset.mailto;

// What a mailto: link asks for (RFC 6068: "+" is itself there, and several addresses may come).
function query(href) {
  const [addresses, rest = ""] = href.slice("mailto:".length).split("?", 2);
  const asked = new URLSearchParams(rest.replaceAll("+", "%2B"));
  const values = new URLSearchParams();
  let to = "";
  try { to = decodeURIComponent(addresses); } catch { to = addresses; }
  for (const [name, value] of asked) {
    if (name.toLowerCase() === "to") to = to ? `${to}, ${value}` : value;
    else if (["cc", "bcc", "subject", "body"].includes(name.toLowerCase())) values.set(name.toLowerCase(), value);
  }
  values.set("to", to);
  return values;
}

function clicked(event) {
  const link = event.target.closest?.("a[href]");
  const href = link?.getAttribute("href") ?? "";
  if (!composer() || !/^mailto:/i.test(href) || link.closest("[contenteditable]")) return;
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const opener = document.createElement("a");
  opener.dataset.compose = "";
  opener.hidden = true;
  opener.href = `${composer()}?${query(href)}`;
  document.body.append(opener);
  opener.click();
  opener.remove();
}

// The bodies of mails stand in frames of our own origin, where no script runs.
function listen(frame) {
  frame.contentDocument?.addEventListener("click", clicked);
}

document.addEventListener("click", clicked);
document.addEventListener("load", (event) => {
  if (event.target instanceof HTMLIFrameElement && event.target.matches("[data-frame-height]")) listen(event.target);
}, { capture: true });
for (const frame of findAll("[data-frame-height]")) if (frame.contentDocument?.readyState === "complete") listen(frame);
