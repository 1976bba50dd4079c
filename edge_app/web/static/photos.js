// Sends photographs one by one, and says of each whether it was kept and why not.

import { api, element, reasonOf, text } from "./common.js";

/**
 * Photographs of one person: the first that is kept enrols them, the others are added.
 * personId is null for somebody new of that name. Gives the person, or null where none was kept.
 */
export async function sendPhotos(photos, verdicts, { personId = null, name = "" }) {
  let person = personId === null ? null : { id: personId, name };
  for (const photo of photos) {
    const shown = photo.name ?? text("take_photo");
    try {
      const path = person
        ? `/api/people/${person.id}/photos`
        : `/api/people?name=${encodeURIComponent(name)}`;
      person = await api("POST", path, photo);
      say(verdicts, "good", text("photo_kept", { name: shown }));
    } catch (error) {
      say(verdicts, "problem", `${shown}: `, ...reasonOf(error));
      if (error.status === 409) return null;
    }
  }
  return person;
}

export function say(verdicts, kind, ...words) {
  verdicts.append(element("li", { className: kind }, ...words));
}
