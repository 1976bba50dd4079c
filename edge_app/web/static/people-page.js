import { address, api, attempt, byId, element, text } from "./common.js";
import { openCamera, takePicture } from "./camera.js";
import { say, sendPhotos } from "./photos.js";

const form = byId("enrol-form");
const verdicts = byId("verdicts");
const outcome = byId("outcome");
const video = byId("camera");
const senders = [byId("take-photo"), byId("photos")];
const ASK_MS = 400;
const BEGIN_MS = 10_000;
let newPerson = null;

form.addEventListener("submit", (event) => event.preventDefault());

async function enrol(photos) {
  if (!form.reportValidity()) return;
  verdicts.replaceChildren();
  const name = byId("name").value;
  const same = newPerson?.asked === name ? newPerson.id : null;
  const person = await sendPhotos(photos, verdicts, { personId: same, name });
  if (!person) return say(verdicts, "soft", text("enrolled_nobody"));
  newPerson = { id: person.id, asked: name };
  const href = address(`/people/${person.id}`);
  say(verdicts, "good", element("a", { href }, text("enrolled_as", { name: person.name })));
}

byId("photos").addEventListener("change", ({ target }) => {
  const photos = [...target.files];
  target.value = "";
  newPerson = null;
  const enrolAll = async () => {
    await enrol(photos);
    const allKept = !verdicts.querySelector(".problem"); // else their reasons are to be read
    if (newPerson && allKept) location.assign(address(`/people/${newPerson.id}`));
  };
  attempt(outcome, enrolAll, ...senders);
});

byId("open-camera").addEventListener("click", ({ target }) => {
  const open = async () => {
    await openCamera(video);
    video.hidden = byId("take-photo").hidden = false;
    target.hidden = true;
  };
  attempt(outcome, open, target);
});

byId("take-photo").addEventListener("click", () => {
  const take = async () => {
    const picture = await takePicture(video, 1280, 0.92);
    picture.name = text("take_photo");
    await enrol([picture]);
  };
  attempt(outcome, take, ...senders);
});

byId("kiosk-start").addEventListener("click", ({ target }) => {
  const prompt = byId("kiosk-prompt");
  const start = async () => {
    await api("POST", "/api/enrolment", { name: byId("name").value || null });
    await follow(prompt);
  };
  attempt(prompt, start, target);
});

byId("kiosk-cancel").addEventListener("click", ({ target }) =>
  attempt(outcome, () => api("DELETE", "/api/enrolment"), target),
);

/** Shows what the kiosk's screen says until it says nothing any more; a slow one takes a while to begin. */
async function follow(place) {
  const cancel = byId("kiosk-cancel");
  cancel.hidden = false;
  const until = performance.now() + BEGIN_MS;
  let last = null;
  try {
    for (;;) {
      await new Promise((done) => setTimeout(done, ASK_MS));
      const said = await api("GET", "/api/enrolment");
      if (!said && (last || performance.now() > until)) break;
      if (!said) continue;
      last = said;
      const share = said.share === null ? "" : ` ${Math.round(said.share * 100)} %`;
      place.textContent = `${text(said.text)}${share}${said.name ? `: ${said.name}` : ""}`;
    }
  } finally {
    cancel.hidden = true;
  }
  if (last?.name) location.reload();
}
