/** Lists the chosen files with their sizes under a file input, each with a button that takes it out again. */
import { word } from "./announce";

class FileField extends HTMLElement {
  connectedCallback(): void {
    this.input?.addEventListener("change", () => this.list());
  }

  private get input(): HTMLInputElement | null {
    return this.querySelector("input[type=file]");
  }

  private list(): void {
    const list = this.querySelector<HTMLUListElement>(".file-list");
    if (!list) return;
    const files = Array.from(this.input?.files ?? []);
    list.hidden = files.length === 0;
    list.replaceChildren(...files.map((file) => this.line(file)));
  }

  private line(file: File): HTMLLIElement {
    const line = document.createElement("li");
    const name = document.createElement("span");
    name.textContent = `${file.name} · ${size(file.size)}`;
    const remove = document.createElement("button");
    remove.type = "button";
    remove.textContent = word("remove");
    remove.setAttribute("aria-label", `${word("remove")} ${file.name}`);
    remove.addEventListener("click", () => this.take(file));
    line.append(name, remove);
    return line;
  }

  private take(file: File): void {
    if (!this.input) return;
    const kept = new DataTransfer();
    for (const each of Array.from(this.input.files ?? [])) if (each !== file) kept.items.add(each);
    this.input.files = kept.files;
    this.list();
    this.input.focus();
  }
}

export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const [amount, unit] = bytes < 1024 * 1024 ? [bytes / 1024, "KB"] : [bytes / (1024 * 1024), "MB"];
  return `${amount.toFixed(1)} ${unit}`;
}

customElements.define("file-field", FileField);
