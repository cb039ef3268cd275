/** Forms with files show how much has been sent; the answer is then shown as the browser would. */
import { announce, word } from "./announce";
import { size } from "./file-field";
import { release } from "./once";
import { showPage } from "./page";

document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (event.defaultPrevented || !form.matches("form[data-upload]") || !hasFile(form)) return;
  event.preventDefault();
  send(form, event.submitter as HTMLButtonElement | null);
});

function hasFile(form: HTMLFormElement): boolean {
  const inputs = Array.from(form.querySelectorAll<HTMLInputElement>("input[type=file]"));
  return inputs.some((input) => (input.files?.length ?? 0) > 0);
}

function send(form: HTMLFormElement, submitter: HTMLButtonElement | null): void {
  const body = new FormData(form);
  if (submitter?.name) body.append(submitter.name, submitter.value);
  const meter = showMeter(form);
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "text/html");
  request.upload.addEventListener("progress", (event) => meter.show(event.loaded, event.total));
  request.addEventListener("load", () => showPage(request.responseText, request.responseURL));
  request.addEventListener("error", () => {
    meter.fail();
    release(form);
  });
  announce(word("uploading"));
  request.send(body);
}

function showMeter(form: HTMLFormElement) {
  form.querySelector(".progress")?.remove();
  const box = document.createElement("div");
  const line = document.createElement("div");
  const bar = document.createElement("progress");
  box.className = "progress";
  line.className = "progress-line";
  bar.className = "bar";
  bar.setAttribute("aria-label", word("uploading"));
  box.append(line, bar);
  form.append(box);
  return {
    show(done: number, total: number): void {
      bar.max = total || 1;
      bar.value = done;
      line.textContent = `${word("uploading")} ${size(done)} / ${size(total)}`;
    },
    fail(): void {
      bar.remove();
      line.textContent = word("failed");
      announce(word("failed"));
    },
  };
}
