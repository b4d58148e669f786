// A slash puts the cursor into the box of search, unless one is writing. Without it all else works.
"use strict";

document.addEventListener("keydown", (event) => {
  const box = document.getElementById("q");
  const writes = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || writes || !box) return;
  event.preventDefault();
  box.focus();
  box.select();
});
