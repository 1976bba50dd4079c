import { address, api, attempt, byId } from "./common.js";
import { sendPhotos } from "./photos.js";

const { id, name } = byId("person").dataset;
const outcome = byId("outcome");

byId("rename").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(outcome, async () => {
    await api("PATCH", `/api/people/${id}`, { name: byId("name").value });
    location.reload();
  });
});

byId("merge")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const merge = async () => {
    await api("POST", `/api/people/${id}/merge`, { from_id: Number(byId("other").value) });
    location.reload();
  };
  attempt(outcome, merge, ...event.target.querySelectorAll("button"));
});

byId("delete").addEventListener("click", () => byId("sure").showModal());
byId("sure").addEventListener("close", ({ target }) => {
  if (target.returnValue !== "yes") return;
  attempt(outcome, async () => {
    await api("DELETE", `/api/people/${id}`);
    location.assign(address("/people"));
  });
});

/** Buttons that delete something of the person's: a sample, a correction, all corrections. */
for (const button of document.querySelectorAll("[data-delete]")) {
  const remove = async () => {
    await api("DELETE", `/api/people/${id}/${button.dataset.delete}`);
    location.reload();
  };
  button.addEventListener("click", () => attempt(outcome, remove, button));
}

byId("photos")?.addEventListener("change", ({ target }) => {
  const photos = [...target.files];
  target.value = "";
  const addPhotos = async () => {
    const verdicts = byId("verdicts");
    verdicts.replaceChildren();
    await sendPhotos(photos, verdicts, { personId: Number(id), name });
    if (!verdicts.querySelector(".problem")) location.reload();
  };
  attempt(outcome, addPhotos, target);
});
