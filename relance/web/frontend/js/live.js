// What happens on the server, as it happens: one stream a browser, shared by its tabs.
//
// The tab that holds the lock reads the stream and tells the others; when it closes, the lock and
// the stream pass to another, which goes on from the last event it heard of.
import { announce, emit, find, word } from "./dom.js";

const { live: address, liveAfter, user } = document.body.dataset;
const name = `relance-live-${user}`;
const OFFLINE_AFTER = 4000;
let last = Number(liveAfter ?? 0);
let offlineTimer = null;

function hear({ id, data }) {
  if (id <= last) return;
  last = id;
  emit("live", data);
  emit(`live:${data.kind}`, data);
}

function setOffline(isOffline) {
  clearTimeout(offlineTimer);
  offlineTimer = null;
  const notice = find("#offline");
  if (!notice || notice.hidden !== isOffline) return;
  notice.hidden = !isOffline;
  find("#sync")?.classList.toggle("sync--bad", isOffline);
  announce(word(isOffline ? "offline" : "online"));
}

function soonOffline() {
  offlineTimer ??= setTimeout(() => setOffline(true), OFFLINE_AFTER);
}

function listen(channel) {
  const source = new EventSource(`${address}?after=${last}`);
  const state = (online) => {
    channel?.postMessage({ online });
    if (online) setOffline(false);
    else soonOffline();
  };
  source.onopen = () => state(true);
  source.onmessage = (event) => {
    const told = { id: Number(event.lastEventId), data: JSON.parse(event.data) };
    hear(told);
    channel?.postMessage(told);
  };
  source.onerror = () => {
    state(false);
    if (source.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
    setTimeout(() => listen(channel), 5000);
  };
}

function start() {
  if (!navigator.locks || !window.BroadcastChannel) { listen(null); return; }
  const channel = new BroadcastChannel(name);
  channel.onmessage = ({ data }) => {
    if ("online" in data) { if (data.online) setOffline(false); else soonOffline(); } else hear(data);
  };
  navigator.locks.request(name, () => { listen(channel); return new Promise(() => {}); });
}

addEventListener("offline", () => setOffline(true));
// After the page has been painted and can be used: the stream is nobody's first need.
if (address && user) setTimeout(start, 0);
