/** Says a sentence to screen readers without moving the focus. */
export function announce(text: string): void {
  const place = document.getElementById("announcements");
  if (!place || !text) return;
  place.textContent = "";
  requestAnimationFrame(() => (place.textContent = text));
}

/** A fixed word of the shell in the reader's language, kept in data attributes of the announcer. */
export function word(name: string): string {
  return document.getElementById("announcements")?.dataset[name] ?? "";
}
