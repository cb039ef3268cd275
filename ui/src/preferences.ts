/** Theme and density change at once; the server keeps the choice in a cookie, as it does without script. */

document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  const preference = form.dataset.preference;
  const button = event.submitter as HTMLButtonElement | null;
  if (!preference || !button) return;
  event.preventDefault();
  document.documentElement.setAttribute(`data-${preference}`, button.value);
  form.querySelectorAll("button").forEach((each) => each.setAttribute("aria-pressed", String(each === button)));
  void keep(form, preference, button.value);
});

async function keep(form: HTMLFormElement, preference: string, value: string): Promise<void> {
  const fields = new URLSearchParams();
  new FormData(form).forEach((content, name) => fields.append(name, String(content)));
  fields.set(preference, value);
  await fetch(form.action, { method: "POST", body: fields, headers: { Accept: "application/json" }, redirect: "manual" }).catch(() => undefined);
}
