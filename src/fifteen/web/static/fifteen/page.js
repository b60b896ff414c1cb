/** What every page does: theme, the list of keys, and the copy that opens without a network. */

const dialog = document.getElementById("keys");
document.getElementById("keys-button")?.addEventListener("click", () => dialog.showModal());
dialog?.addEventListener("click", (event) => event.target === dialog && dialog.close());

document.getElementById("theme")?.addEventListener("click", () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  try { localStorage.setItem("fifteen-theme", root.dataset.theme); } catch {}
});

/** Is the person writing something, so that a plain key is theirs? */
export const writing = (event) => event.target.matches("input:not([type=radio]), textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.key === "?" && !writing(event) && !dialog.open) dialog.showModal();
});

if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js").catch(() => {}); // no copy, no harm
