// For people who listen to a page or walk it with the keyboard: the name of an icon is not read aloud, the content is
// a landmark, and the link that skips the sidebar leads to it.
(function () {
  "use strict";

  const ICON = ".material-symbols-outlined";

  function words(holder) {
    const copy = holder.cloneNode(true);
    copy.querySelectorAll(ICON).forEach(function (icon) { icon.remove(); });
    return copy.textContent.trim() || holder.getAttribute("aria-label") || holder.title || "";
  }

  // A button with nothing but an icon is called what the field beside it asks for, or keeps the icon's name.
  function quiet(icon) {
    const holder = icon.closest("a, button");
    if (holder && !words(holder)) {
      const field = holder.form && holder.form.querySelector("input[placeholder]");
      if (!field) return;
      holder.setAttribute("aria-label", field.placeholder);
    }
    icon.setAttribute("aria-hidden", "true");
  }

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll(ICON).forEach(quiet);
    const content = document.getElementById("content");
    if (!content) return;
    content.setAttribute("role", "main");
    content.tabIndex = -1;
  });

  document.addEventListener("htmx:afterSwap", function (event) {
    event.detail.target.querySelectorAll(ICON).forEach(quiet);
  });
})();
