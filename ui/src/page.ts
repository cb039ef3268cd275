/** Replaces what is shown by a page that was fetched, without losing scripts or styles. */
import htmx from "htmx.org";

export function parse(html: string): Document {
  return new DOMParser().parseFromString(html, "text/html");
}

/** Swaps only the main part: the shell around it stays as it is. */
export function replaceMain(page: Document): boolean {
  const fresh = page.getElementById("main");
  const shown = document.getElementById("main");
  if (!fresh || !shown) return false;
  shown.replaceChildren(...Array.from(fresh.childNodes));
  htmx.process(shown);
  return true;
}

/** Shows a whole answer as if the browser had gone to `address`. */
export function showPage(html: string, address: string): void {
  const page = parse(html);
  document.title = page.title;
  document.body.replaceWith(page.body);
  htmx.process(document.body);
  if (address !== location.href) history.pushState({ shown: true }, "", address);
  window.scrollTo(0, 0);
  if (!document.querySelector("error-summary")) document.getElementById("main")?.focus();
}

let shownPath = location.pathname + location.search;

window.addEventListener("popstate", (event) => {
  const path = location.pathname + location.search;
  const restoredByHtmx = Boolean((event.state as { htmx?: unknown } | null)?.htmx);
  if (path !== shownPath && !restoredByHtmx) location.reload();
  shownPath = path;
});
