// A form goes once. Of two answers on their way a browser drops the first, and with it what is
// shown there only once, and the session that goes on in its cookie: a double click would lose the
// codes and sign out. A button that may go again at once says so (`data-again`): its answer is a
// file, and the page stays.
"use strict";
(() => {
  // Who waits longer has stopped it, and may try again.
  const WAIT_MS = 10000;
  let sent = new WeakMap();
  // The form's own listeners come first and may hold it back.
  document.addEventListener("submit", (event) => {
    const pressed = event.submitter ?? event.target;
    if (event.defaultPrevented || "again" in pressed.dataset) return;
    const before = sent.get(pressed);
    if (before !== undefined && event.timeStamp - before < WAIT_MS) {
      event.preventDefault();
    } else {
      sent.set(pressed, event.timeStamp);
    }
  });
  // The page is there again as it was left.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) sent = new WeakMap();
  });
})();
