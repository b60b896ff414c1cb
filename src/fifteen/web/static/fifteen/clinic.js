/** What every page behind the log-in does: the person's menu, light or dark, `/` for the search, and copying a field. */

const menu = document.querySelector("details.menu");
document.addEventListener("click", (event) => {
  if (menu?.open && !menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !menu?.open) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

const search = document.querySelector("[data-slash]");
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || !search || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input, textarea, select, [contenteditable]")) return;
  event.preventDefault();
  search.focus();
  search.select();
});

document.getElementById("theme")?.addEventListener("click", () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  try { localStorage.setItem("fifteen-theme", root.dataset.theme); } catch {} // private mode: for this page only
});

document.querySelectorAll("[data-copy]").forEach((button) => button.addEventListener("click", async () => {
  const field = document.getElementById(button.dataset.copy);
  const said = document.getElementById("copied");
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    said.textContent = said.dataset.said;
  } catch {} // no leave to copy, or plain HTTP: the field is selected, and the keys copy it
}));
