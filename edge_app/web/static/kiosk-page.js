import { byId, text } from "./common.js";
import { faceList, watch } from "./live.js";

const state = byId("state");
const showFaces = faceList(byId("faces"), byId("announcement"));

/** What somebody who is being enrolled is told. */
function showPrompt(prompt) {
  byId("prompt").hidden = prompt === null;
  if (!prompt) return;
  byId("prompt-text").textContent = text(prompt.text) + (prompt.name ? `: ${prompt.name}` : "");
  byId("prompt-count").textContent = prompt.seconds ?? "";
  const progress = byId("prompt-progress");
  progress.hidden = prompt.share === null;
  progress.value = prompt.share ?? 0;
}

watch(byId("picture"), {
  onFacts(facts) {
    state.hidden = facts.is_picture;
    state.textContent = facts.is_picture ? "" : text("no_live_picture");
    showFaces(facts.faces);
    showPrompt(facts.prompt);
  },
  onLost() {
    state.hidden = false;
    state.textContent = text("no_connection");
  },
});
