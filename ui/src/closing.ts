/** A <details data-closing> closes on Escape, on a click elsewhere, and when another one opens. */

function openOnes(): HTMLDetailsElement[] {
  return Array.from(document.querySelectorAll<HTMLDetailsElement>("details[data-closing][open]"));
}

function holdsTypedText(details: HTMLDetailsElement): boolean {
  const fields = details.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("input:not([type=hidden]), textarea");
  return Array.from(fields).some((field) => field.value !== field.defaultValue);
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const details of openOnes()) {
    const hadFocus = details.contains(document.activeElement);
    details.open = false;
    if (hadFocus) details.querySelector("summary")?.focus();
  }
});

document.addEventListener("click", (event) => {
  for (const details of openOnes()) {
    if (!details.contains(event.target as Node) && !holdsTypedText(details)) details.open = false;
  }
});

document.addEventListener(
  "toggle",
  (event) => {
    const details = event.target;
    if (!(details instanceof HTMLDetailsElement) || !details.open || !details.matches(".confirm, .reveal")) return;
    details.querySelector<HTMLElement>("input:not([type=hidden]), textarea, select, button")?.focus();
  },
  true,
);
