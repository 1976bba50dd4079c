import { address, api, byId } from "./common.js";
import { sendPhotos } from "./photos.js";

const { id, name } = byId("person").dataset;
const problem = byId("problem");

/** Does what a button is for; says what went wrong, if something does. */
async function attempt(work) {
  try {
    await work();
  } catch (error) {
    problem.textContent = error.message;
    problem.hidden = false;
  }
}

byId("rename").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async () => {
    await api("PATCH", `/api/people/${id}`, { name: byId("name").value });
    location.reload();
  });
});

byId("merge")?.addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async () => {
    await api("POST", `/api/people/${id}/merge`, { from_id: Number(byId("other").value) });
    location.reload();
  });
});

byId("delete").addEventListener("click", () => byId("sure").showModal());
byId("sure").addEventListener("close", ({ target }) => {
  if (target.returnValue !== "yes") return;
  attempt(async () => {
    await api("DELETE", `/api/people/${id}`);
    location.assign(address("/people"));
  });
});

/** Buttons that delete something of the person's: a sample, a correction, all corrections. */
for (const button of document.querySelectorAll("[data-delete]")) {
  button.addEventListener("click", () =>
    attempt(async () => {
      await api("DELETE", `/api/people/${id}/${button.dataset.delete}`);
      location.reload();
    }),
  );
}

byId("photos").addEventListener("change", async ({ target }) => {
  const verdicts = byId("verdicts");
  verdicts.replaceChildren();
  await sendPhotos([...target.files], verdicts, { personId: Number(id), name });
  if (!verdicts.querySelector(".problem")) location.reload();
});
