// Copies what a field holds. The buttons are hidden until this runs, so that nothing is promised
// where scripts are off.
document.querySelectorAll("[data-copy]").forEach((button) => {
  const field = document.getElementById(button.dataset.copy);
  const box = button.parentElement;
  const said = box.querySelector("[role=status]");
  box.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      document.execCommand("copy");
    }
    said.textContent = box.dataset.copied;
  });
});
