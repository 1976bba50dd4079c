import { api, attempt, byId, text } from "./common.js";

const ROLLED_BACK = "#rolled-back";

byId("settings").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(byId("outcome"), async () => {
    await api("PUT", "/api/settings", {
      emotions: byId("emotions").checked,
      unclear: byId("unclear").checked,
      smoothing_s: Number(byId("smoothing").value),
      false_accept_rate: byId("strangers").value ? Number(byId("strangers").value) / 100 : null,
      search_every_s: Number(byId("search").value),
      keep_s: Number(byId("keep").value),
      language: byId("kiosk-language").value,
      notice: byId("notice").checked,
    });
    return text("saved");
  });
});

byId("roll-back")?.addEventListener("click", ({ target }) => {
  const rollBack = async () => {
    await api("POST", "/api/bundles/rollback");
    location.hash = ROLLED_BACK;
    location.reload();
  };
  attempt(byId("bundle-outcome"), rollBack, target);
});

if (location.hash === ROLLED_BACK) {
  byId("bundle-outcome").textContent = text("rolled_back", byId("running").dataset);
  history.replaceState(null, "", location.pathname);
}
