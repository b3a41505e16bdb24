// The search box of the documentation: it hides what does not hold all the words typed.
"use strict";

const filter = document.getElementById("filter");
const items = [...document.querySelectorAll("[data-item]")].map((element) => ({
  element,
  link: document.querySelector(`[data-for="${CSS.escape(element.id)}"]`),
  text: element.dataset.item.toLowerCase(),
}));
const chapters = [...document.querySelectorAll("[data-chapter]")];

function show() {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const { element, link, text } of items) {
    const fits = words.every((word) => text.includes(word));
    element.hidden = link.hidden = !fits;
    count += fits ? 1 : 0;
  }
  for (const chapter of chapters) {
    chapter.hidden = !chapter.querySelector("[data-item]:not([hidden]), [data-for]:not([hidden])");
  }
  document.getElementById("found").textContent = words.length ? `${count} found` : "";
}

// A link to something that the filter hides shows it again.
function reveal() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target?.closest("[hidden]")) {
    filter.value = "";
    show();
    target.scrollIntoView();
  }
}

filter.addEventListener("input", show);
addEventListener("hashchange", reveal);
addEventListener("keydown", (event) => {
  if (event.key === "/" && !/^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) {
    event.preventDefault();
    filter.focus();
  }
});
// On a narrow screen the list of names would push the text away.
if (matchMedia("(max-width: 56rem)").matches) document.getElementById("names").open = false;
document.getElementById("search").hidden = false;
