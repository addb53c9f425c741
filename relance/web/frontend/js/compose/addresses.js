// Addresses as people type, paste and copy them: `Jo <jo@x.fr>; "Doe, Jane" <jane@y.fr>, z@w.fr`.

const VALID = /^[^\s@<>()[\]\\,;:"]+@[^\s@<>()[\]\\,;:"._-][^\s@<>()[\]\\,;:"]*\.[^\s@<>()[\]\\,;:".]{2,}$/;
const BARE = /[^\s<>,;"]+@[^\s<>,;"]+/g;

export const isValid = (address) => VALID.test(address) && !address.includes("..") && address.length <= 254;

// Cuts at commas, semicolons and line ends that are neither quoted nor within <>.
function pieces(text) {
  const found = [];
  let piece = "";
  let quoted = false;
  let angled = false;
  for (const sign of text) {
    if (sign === '"' && !piece.endsWith("\\")) quoted = !quoted;
    else if (!quoted && sign === "<") angled = true;
    else if (sign === ">") angled = false;
    const ends = sign === "\n" || sign === "\r" || (!quoted && !angled && (sign === "," || sign === ";"));
    if (!ends) { piece += sign; continue; }
    found.push(piece);
    [piece, quoted, angled] = ["", false, false];
  }
  found.push(piece);
  return found.map((one) => one.trim()).filter(Boolean);
}

const unquoted = (name) => name.trim().replace(/^(["'])(.*)\1$/, "$2").replace(/\\(.)/g, "$1").trim();

function person(piece) {
  const named = /^(.*)<\s*(?:mailto:)?([^<>]*?)\s*>$/s.exec(piece);
  if (named) return [{ name: unquoted(named[1]), address: named[2] }];
  const address = piece.replace(/^mailto:/i, "");
  if (isValid(address)) return [{ name: "", address }];
  const several = piece.match(BARE) ?? [];
  if (several.length > 1 || (several.length && several[0] !== address && isValid(several[0]))) {
    const alone = several.length === 1 ? unquoted(piece.replace(several[0], "").replace(/\t/g, " ")) : "";
    return several.map((one) => ({ name: alone, address: one }));
  }
  return [{ name: "", address: unquoted(piece) }];
}

// Everybody named in `text`, as {name, address}; what is no address is kept as it was typed.
// "Doe, Jane <jane@y.fr>" without its quotes is one person: a piece without @ goes with the next.
export function parse(text) {
  const joined = [];
  for (const piece of pieces(text)) {
    const last = joined.at(-1);
    if (last && !last.includes("@") && /^[^@<>]+<[^<>]+@[^<>]+>$/.test(piece)) joined[joined.length - 1] = `${last}, ${piece}`;
    else joined.push(piece);
  }
  return joined.flatMap(person);
}

// The way back, for copying and for keeping.
export function write({ name, address }) {
  if (!name) return address;
  const plain = /^[^"(),.:;<>@[\]\\]+$/.test(name);
  return `${plain ? name : `"${name.replace(/(["\\])/g, "\\$1")}"`} <${address}>`;
}
