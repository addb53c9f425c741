// Requests to our own pages: the token goes along, and what the answer announces is heard.
import { emit, find, word } from "./dom.js";

function headers(accept) {
  const own = JSON.parse(document.body.getAttribute("hx-headers:inherited") || "{}");
  return { ...own, "HX-Request": "true", Accept: accept };
}

// Resolves to the response. Rejects when the server cannot be reached; a login that has ended
// leads to the login page, and an answer may lead to another.
export async function request(url, { method = "GET", body = null, signal, accept = "text/html" } = {}) {
  const response = await fetch(url, {
    method, body, signal, headers: headers(accept), credentials: "same-origin",
  });
  if (response.redirected && new URL(response.url).pathname.startsWith("/login")) {
    location.assign(response.url);
    return new Promise(() => {});
  }
  const elsewhere = response.headers.get("HX-Redirect");
  if (elsewhere) {
    location.assign(elsewhere);
    return new Promise(() => {});
  }
  hear(response.headers.get("HX-Trigger"));
  return response;
}

export async function text(url, options) {
  const response = await request(url, options);
  if (!response.ok) throw new Error(`${response.status}`);
  return response.text();
}

// Resolves to true when the server did it; otherwise says that it did not.
export async function post(url, values = {}) {
  try {
    const response = await request(url, { method: "POST", body: new URLSearchParams(values) });
    if (response.ok) return true;
  } catch { /* said below */ }
  emit("toast", { text: word("failed"), undo: "" });
  return false;
}

function hear(header) {
  if (!header?.startsWith("{")) return;
  for (const [name, detail] of Object.entries(JSON.parse(header))) emit(name, detail);
}

export const fragment = (html) => {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
};

