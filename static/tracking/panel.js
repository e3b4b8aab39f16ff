// For people who listen to a page or walk it with the keyboard: the name of an icon is not read aloud, the content is
// a landmark, and the link that skips the sidebar leads to it.
(function () {
  "use strict";

  function quiet(part) {
    part.querySelectorAll(".material-symbols-outlined").forEach(function (icon) {
      icon.setAttribute("aria-hidden", "true");
    });
  }

  document.addEventListener("DOMContentLoaded", function () {
    quiet(document);
    const content = document.getElementById("content");
    if (!content) return;
    content.setAttribute("role", "main");
    content.tabIndex = -1;
  });

  document.addEventListener("htmx:afterSwap", function (event) {
    quiet(event.detail.target);
  });
})();
