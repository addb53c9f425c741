// What a draft holds: read from its composer, written for the server, put into a composer again.
import { find, findAll } from "../dom.js";
import { stored } from "./editor.js";

export function contentOf({ people, subject, squire, sender, quoted }) {
  return {
    people: Object.fromEntries(people.map((line) => [line.role, line.people])),
    subject: subject.value, html: stored(squire), sender: sender?.value ?? "", has_quote: quoted?.checked ?? false,
  };
}

export function bodyOf({ people, subject, html, sender, has_quote: isQuoted }, version, shape) {
  const body = new URLSearchParams({ version, shape, people: JSON.stringify(people), subject, html, sender });
  if (isQuoted) body.set("has_quote", "1");
  return body;
}

export async function fill(composer, { people, subject, html, sender, has_quote: isQuoted }) {
  await composer.place.known(html);
  for (const line of composer.people) {
    line.set(people[line.role] ?? []);
    if (line.people.length && line.role !== "to") composer.show(line.role);
  }
  composer.subject.value = subject;
  const options = composer.sender ? findAll("option", composer.sender) : [];
  if (options.some((option) => option.value === sender)) composer.sender.value = sender;
  if (composer.quoted && isQuoted !== undefined) composer.quoted.checked = isQuoted;
  composer.place.set(html);
}

// What an answer to a save says besides that it was saved.
export function tell(composer, data) {
  for (const line of composer.people) line.judge(data.verdicts ?? {});
  composer.files.total(data);
  const separate = find("[data-compose-separate]", composer.form);
  separate.textContent = data.separate ?? "";
  separate.hidden = !data.separate;
}
