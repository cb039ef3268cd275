/** A field with data-shortcut="/" takes the focus when that key is pressed outside any field. */

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const fields = Array.from(document.querySelectorAll<HTMLInputElement>("[data-shortcut]"));
  const field = fields.find((each) => each.dataset.shortcut === event.key && each.offsetParent !== null);
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
});
