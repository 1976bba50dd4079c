import { byId, element, text } from "./common.js";
import { emotionOf, faceList, nameOf, watch } from "./live.js";

const state = byId("state");

function makeItem() {
  const name = element("span", { className: "face-name" });
  const emotion = element("span", { className: "face-emotion" });
  const root = element("li", {}, name, emotion);
  const show = (face) => {
    name.textContent = nameOf(face);
    emotion.textContent = emotionOf(face);
    root.classList.toggle("known", face.name !== null);
  };
  return { root, show, remove: () => root.remove() };
}

const nobody = element("li", { className: "nobody" }, text("nobody"));
const showFaces = faceList(byId("faces"), byId("announcement"), makeItem);

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
