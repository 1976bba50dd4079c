import { byId, text } from "./common.js";
import { faceList, watch } from "./live.js";

const state = byId("state");

const showFaces = faceList(byId("faces"), byId("announcement"));

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
