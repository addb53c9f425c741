// What is being written, kept in this browser too: a dead network, a killed browser or a closed lid
// lose nothing. One entry a draft and user, removed once the server has it all.
const NAME = "relance-drafts";
const STORE = "drafts";
let opening = null;

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => {
      request.result.onclose = () => { opening = null; };
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
  return opening;
}

async function on(mode, act) {
  try {
    // "strict": on the disk, not only on its way there, when the promise is kept.
    const transaction = (await open()).transaction(STORE, mode, { durability: mode === "readwrite" ? "strict" : "default" });
    const result = await done(act(transaction.objectStore(STORE)));
    if (mode === "readwrite") await new Promise((resolve) => { transaction.oncomplete = resolve; transaction.onabort = resolve; });
    return result;
  } catch {
    opening = null;
    return null; // a browser that keeps nothing (private window, full disk): the server has it still
  }
}

const key = (user, draft) => `${user}:${draft}`;

// `content`: what a save sends, and {version, at} it was written on top of.
export const keep = (user, draft, content) => on("readwrite", (store) => store.put(content, key(user, draft)));
export const kept = (user, draft) => on("readonly", (store) => store.get(key(user, draft)));
export const forget = (user, draft) => on("readwrite", (store) => store.delete(key(user, draft)));
