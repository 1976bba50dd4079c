import { api, byId, text } from "./common.js";

const ROLLED_BACK = "#rolled-back";

byId("settings").addEventListener("submit", async (event) => {
  event.preventDefault();
  const outcome = byId("outcome");
  try {
    await api("PUT", "/api/settings", {
      emotions: byId("emotions").checked,
      smoothing_s: Number(byId("smoothing").value),
      false_accept_rate: byId("strangers").value ? Number(byId("strangers").value) / 100 : null,
      search_every_s: Number(byId("search").value),
      keep_s: Number(byId("keep").value),
      language: byId("kiosk-language").value,
      notice: byId("notice").checked,
    });
    outcome.textContent = text("saved");
  } catch (error) {
    outcome.textContent = error.message;
  }
});

byId("roll-back")?.addEventListener("click", async () => {
  try {
    await api("POST", "/api/bundles/rollback");
    location.hash = ROLLED_BACK;
    location.reload();
  } catch (error) {
    byId("bundle-outcome").textContent = error.message;
  }
});

if (location.hash === ROLLED_BACK) {
  byId("bundle-outcome").textContent = text("rolled_back", byId("running").dataset);
  history.replaceState(null, "", location.pathname);
}
