// Sends photographs one by one, and says of each whether it was kept and why not.

import { api, askAnyway, element, reasonOf, text } from "./common.js";

/**
 * Photographs of one person: the first that is kept enrols them, the others are added.
 * personId is null for somebody new of that name. Gives the person, or null where none was kept.
 */
export async function sendPhotos(photos, verdicts, { personId = null, name = "" }) {
  let person = personId === null ? null : { id: personId, name };
  let anyway = false;
  const send = async (photo) => {
    const path = person
      ? `/api/people/${person.id}/photos?anyway=${anyway}`
      : `/api/people?name=${encodeURIComponent(name)}&anyway=${anyway}`;
    try {
      return await api("POST", path, photo);
    } catch (error) {
      if (!error.doubt || !(await askAnyway(verdicts, error))) throw error;
      anyway = true; // of the others that follow, too
      return send(photo);
    }
  };
  for (const photo of photos) {
    const shown = photo.name ?? text("take_photo");
    try {
      person = await send(photo);
      say(verdicts, "good", text("photo_kept", { name: shown }));
    } catch (error) {
      const reason = error.doubt ? [text(error.doubt, error.about)] : reasonOf(error);
      say(verdicts, "problem", `${shown}: `, ...reason);
      if (error.status === 409 && !(error.doubt && person)) return null;
    }
  }
  return person;
}

export function say(verdicts, kind, ...words) {
  verdicts.append(element("li", { className: kind }, ...words));
}
