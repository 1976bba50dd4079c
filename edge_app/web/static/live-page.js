import { api, byId, text } from "./common.js";
import { faceList, watch } from "./live.js";

const state = byId("state");

const showFaces = faceList(byId("faces"), byId("announcement"));

/** "This is not X": the operator's word against the kiosk's. */
byId("faces").addEventListener("click", async ({ target }) => {
  if (!target.dataset.name) return;
  target.disabled = true;
  const people = await api("GET", "/api/people");
  const person = people.find(({ name }) => name === target.dataset.name);
  const face = { track: Number(target.dataset.track) };
  try {
    await api("POST", `/api/people/${person.id}/rejections`, face);
  } finally {
    target.disabled = false;
  }
});

watch(byId("picture"), {
  onFacts(facts) {
    state.hidden = facts.is_picture;
    state.textContent = facts.is_picture ? "" : text("no_picture");
    showFaces(facts.faces);
    byId("rate").textContent = facts.rate.toFixed(1);
    byId("latency").textContent = Math.round(facts.age_ms);
  },
  onLost() {
    state.hidden = false;
    state.textContent = text("no_connection");
  },
});
