import { api, attempt, byId, text } from "./common.js";
import { faceList, watch } from "./live.js";

const state = byId("state");

const showFaces = faceList(byId("faces"), byId("announcement"));

/** "This is not X": the operator's word against the kiosk's. */
byId("faces").addEventListener("click", ({ target }) => {
  const { name, track } = target.dataset; // as they were: the next frame may change them
  if (name) attempt(byId("outcome"), () => reject(name, Number(track)), target);
});

async function reject(name, track) {
  const person = (await api("GET", "/api/people")).find((one) => one.name === name);
  if (!person) throw new Error(text("not_enrolled", { name }));
  await api("POST", `/api/people/${person.id}/rejections`, { track });
  return text("noted_not_them", { name });
}

byId("keep")?.addEventListener("click", ({ target }) => {
  const keep = async () => text("picture_kept", await api("POST", "/api/snapshots"));
  attempt(byId("outcome"), keep, target);
});

watch(byId("picture"), {
  onFacts(facts) {
    state.hidden = facts.is_picture;
    state.textContent = facts.is_picture ? "" : text("no_live_picture");
    showFaces(facts.faces);
    byId("rate").textContent = facts.rate.toFixed(1);
    byId("latency").textContent = Math.round(facts.age_ms);
  },
  onLost() {
    state.hidden = false;
    state.textContent = text("no_connection");
  },
});
