/** The error summary takes the focus when the page comes back; its links go to the field and open what hides it. */
class ErrorSummary extends HTMLElement {
  connectedCallback(): void {
    this.focus();
    this.addEventListener("click", (event) => this.follow(event));
  }

  private follow(event: MouseEvent): void {
    const link = (event.target as Element).closest("a");
    const field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!field) return;
    event.preventDefault();
    field.closest("details")?.setAttribute("open", "");
    const target = field.matches("fieldset") ? (field.querySelector<HTMLElement>("input") ?? field) : field;
    field.closest(".field")?.scrollIntoView({ block: "start" });
    target.focus({ preventScroll: true });
  }
}

customElements.define("error-summary", ErrorSummary);
