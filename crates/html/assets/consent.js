// A click that was meant for something else must not let an app in: the buttons of the form take
// none before the page was seen for a second and a pointer or a key moved. Without scripts they
// work at once.
"use strict";
(() => {
  const form = document.querySelector("form.wait");
  if (!form) return;
  const buttons = form.querySelectorAll("button");
  let seen = false;
  let moved = false;
  let timer;
  const settle = () => {
    const ready = seen && moved;
    buttons.forEach((button) => button.setAttribute("aria-disabled", String(!ready)));
  };
  const look = () => {
    clearTimeout(timer);
    seen = false;
    settle();
    if (document.visibilityState === "visible" && document.hasFocus()) {
      timer = setTimeout(() => {
        seen = true;
        settle();
      }, 1000);
    }
  };
  const move = (event) => {
    if (event.isTrusted) {
      moved = true;
      settle();
    }
  };
  document.addEventListener("visibilitychange", look);
  window.addEventListener("focus", look);
  window.addEventListener("blur", look);
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerdown", move);
  document.addEventListener("keydown", move);
  form.addEventListener("submit", (event) => {
    if (!(seen && moved)) event.preventDefault();
  });
  look();
})();
