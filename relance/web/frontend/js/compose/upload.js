// One file on its way: XMLHttpRequest, for it alone tells how far an upload has come.
import { Unreachable } from "./talk.js";

const headers = () => JSON.parse(document.body.getAttribute("hx-headers:inherited") || "{}");

// Resolves to {status, data}; rejects with Unreachable. `signal` takes it back.
export function upload(url, values, { progress, signal } = {}) {
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    const body = new FormData();
    for (const [name, value] of Object.entries(values)) body.append(name, value, ...(value instanceof File ? [value.name] : []));
    sending.open("POST", url);
    for (const [name, value] of Object.entries({ ...headers(), "HX-Request": "true", Accept: "application/json" })) sending.setRequestHeader(name, value);
    sending.upload.onprogress = (event) => progress?.(event.loaded / (event.total || 1));
    sending.onerror = () => reject(new Unreachable("network"));
    sending.onabort = () => reject(new DOMException("taken back", "AbortError"));
    sending.onload = () => {
      if (sending.status >= 500) { reject(new Unreachable(`${sending.status}`)); return; }
      let data = {};
      try { data = JSON.parse(sending.responseText); } catch { /* a page: the status says enough */ }
      resolve({ status: sending.status, data });
    };
    signal?.addEventListener("abort", () => sending.abort());
    sending.send(body);
  });
}
