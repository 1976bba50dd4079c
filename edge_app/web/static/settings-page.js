import { api, byId, text } from "./common.js";

byId("settings").addEventListener("submit", async (event) => {
  event.preventDefault();
  const outcome = byId("outcome");
  try {
    await api("PUT", "/api/settings", {
      emotions: byId("emotions").checked,
      smoothing_s: Number(byId("smoothing").value),
      language: byId("kiosk-language").value,
      notice: byId("notice").checked,
    });
    outcome.textContent = text("saved");
  } catch (error) {
    outcome.textContent = error.message;
  }
});

byId("roll-back")?.addEventListener("click", async () => {
  const outcome = byId("bundle-outcome");
  try {
    outcome.textContent = text("rolled_back", await api("POST", "/api/bundles/rollback"));
  } catch (error) {
    outcome.textContent = error.message;
  }
});
