/** On a phone the conditions of a list fold away as long as none is set, so that the list itself comes first. */
const phone = window.matchMedia("(max-width: 47.99rem)");

class FilterFold extends HTMLElement {
  connectedCallback(): void {
    this.fit();
    phone.addEventListener("change", this.fit);
  }

  disconnectedCallback(): void {
    phone.removeEventListener("change", this.fit);
  }

  private readonly fit = (): void => {
    const details = this.querySelector("details");
    if (details) details.open = !phone.matches || this.isSet();
  };

  private isSet(): boolean {
    const fields = Array.from(this.querySelectorAll<HTMLInputElement | HTMLSelectElement>("input:not([type=hidden]), select"));
    return fields.some((field) => (field.matches("[type=checkbox], [type=radio]") ? (field as HTMLInputElement).checked : field.value !== ""));
  }
}

customElements.define("filter-fold", FilterFold);
