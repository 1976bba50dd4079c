import { byId, element, text } from "./common.js";
import { emotionOf, faceList, nameOf, watch } from "./live.js";

const state = byId("state");

function makeItem() {
  const name = element("strong");
  const emotion = element("span");
  const root = element("li", {}, name, emotion);
  const show = (face) => {
    name.textContent = nameOf(face);
    emotion.textContent = emotionOf(face);
  };
  return { root, show, remove: () => root.remove() };
}

const showFaces = faceList(byId("faces"), byId("announcement"), makeItem);

watch(byId("picture"), {
  onFacts(facts) {
    state.hidden = facts.is_picture;
    state.textContent = facts.is_picture ? "" : text("no_picture");
    showFaces(facts.faces);
  },
  onLost() {
    state.hidden = false;
    state.textContent = text("no_connection");
  },
});
