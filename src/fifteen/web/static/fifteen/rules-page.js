/** The contents follow the reader; `/` goes to the search. The pages are whole without it. */
import { writing } from "./page.js";

const links = new Map([...document.querySelectorAll(".contents a")].map((link) => [link.hash.slice(1), link]));

if (links.size) {
  const chapters = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
  let waiting = false;
  const mark = () => {
    waiting = false;
    const bottom = innerHeight + scrollY >= document.documentElement.scrollHeight - 2;
    const begun = chapters.filter((chapter) => chapter.getBoundingClientRect().top < innerHeight / 3);
    const here = bottom ? chapters.at(-1) : begun.at(-1) ?? chapters[0];
    for (const [id, link] of links) {
      if (id === here.id) link.setAttribute("aria-current", "location");
      else link.removeAttribute("aria-current");
    }
  };
  addEventListener("scroll", () => {
    if (!waiting) requestAnimationFrame(mark);
    waiting = true;
  }, { passive: true });
  mark();
}

document.addEventListener("keydown", (event) => {
  const search = document.getElementById("q");
  if (event.key !== "/" || !search || writing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  search.focus();
  search.select();
});
