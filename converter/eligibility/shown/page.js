// Escape hides what is shown, until the pointer or the focus comes back to the phrase; what would reach beyond the window is moved into it.
"use strict";
const place = (tip) => {
  tip.style.transform = "";
  const box = tip.getBoundingClientRect(), room = document.documentElement.clientWidth - 8;
  const shift = Math.max(8 - box.left, Math.min(0, room - box.right));
  if (shift) tip.style.transform = `translateX(${shift}px)`;
};
for (const tip of document.querySelectorAll(".tip")) {
  const phrase = tip.parentElement;
  const back = () => { phrase.classList.remove("dismissed"); place(tip); };
  phrase.addEventListener("pointerenter", back);
  phrase.addEventListener("focusin", back);
}
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const phrase of document.querySelectorAll(".phrase:hover, .phrase:focus-within")) phrase.classList.add("dismissed");
});
