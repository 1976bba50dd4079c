import { byId, element, text } from "./common.js";
import { faceList, watch } from "./live.js";

const state = byId("state");

const nobody = element("li", { className: "nobody" }, text("nobody"));
const showFaces = faceList(byId("faces"), byId("announcement"));

watch(byId("picture"), {
  onFacts(facts) {
    state.hidden = facts.is_picture;
    state.textContent = facts.is_picture ? "" : text("no_picture");
    showFaces(facts.faces);
    if (facts.faces.length) nobody.remove();
    else byId("faces").append(nobody);
    byId("rate").textContent = facts.rate.toFixed(1);
    byId("latency").textContent = Math.round(facts.age_ms);
  },
  onLost() {
    state.hidden = false;
    state.textContent = text("no_connection");
  },
});
