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

for (const button of document.querySelectorAll("[data-sample]")) {
  const deleteSample = async () => {
    await api("DELETE", `/api/people/${id}/samples/${button.dataset.sample}`);
    location.reload();
  };
  button.addEventListener("click", () => attempt(outcome, deleteSample, button));
}

byId("photos").addEventListener("change", ({ target }) => {
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
