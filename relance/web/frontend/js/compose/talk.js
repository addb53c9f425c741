// Requests of the composer: a silence is told from a refusal, and an answer may be JSON or a fragment.
import { request } from "../http.js";

// The server said nothing, or something that is not ours: what was asked may or may not be done.
export class Unreachable extends Error {}

// Resolves to {status, data, html, response}. Rejects with Unreachable after `wait` ms of silence.
export async function talk(url, { body = null, method = body ? "POST" : "GET", wait = 20_000, signal, accept = "application/json" } = {}) {
  const limit = AbortSignal.timeout(wait);
  let response;
  let html;
  try {
    response = await request(url, { method, body, signal: signal ? AbortSignal.any([signal, limit]) : limit, accept });
    html = await response.text();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Unreachable(error.name);
  }
  if (response.status >= 500) throw new Unreachable(`${response.status}`);
  return { status: response.status, html, data: parsed(html, response), response };
}

function parsed(text, response) {
  if (!response.headers.get("Content-Type")?.includes("json")) return {};
  try { return JSON.parse(text); } catch { return {}; }
}
