/**
 * <live-update data-topic="application/0193…"> keeps the main part fresh while acts are written;
 * <live-update data-seconds="30"> looks again by the clock, for what changes without acts, and says nothing of it.
 * Work in progress is never overwritten: then a line with a link appears instead.
 */
import { announce, word } from "./announce";
import { parse, replaceMain } from "./page";

interface Acts {
  number: number;
  kinds: string[];
  matters: string[];
}

const shortest = 1000;
const longest = 60_000;
const settle = 300;

/** One stream for the page. It rests while the tab is hidden, since browsers allow few connections to one origin. */
class Stream {
  private source: EventSource | undefined;
  private wait = shortest;
  private timer = 0;
  private readonly listeners = new Set<LiveUpdate>();

  add(listener: LiveUpdate): void {
    this.listeners.add(listener);
    this.open();
  }

  remove(listener: LiveUpdate): void {
    this.listeners.delete(listener);
    if (this.listeners.size === 0) this.close();
  }

  watchVisibility(): void {
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) return this.close();
      if (this.listeners.size === 0) return;
      this.open();
      this.listeners.forEach((listener) => listener.refresh());
    });
  }

  private open(): void {
    if (this.source || document.hidden) return;
    this.source = new EventSource("/live");
    this.source.addEventListener("open", () => (this.wait = shortest));
    this.source.addEventListener("acts", (event) => this.tell(JSON.parse((event as MessageEvent<string>).data) as Acts));
    this.source.addEventListener("error", () => this.again());
  }

  private close(): void {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = undefined;
  }

  private again(): void {
    if (this.source?.readyState !== EventSource.CLOSED) return;
    this.close();
    this.timer = window.setTimeout(() => this.listeners.size > 0 && this.open(), this.wait);
    this.wait = Math.min(this.wait * 2, longest);
  }

  private tell(acts: Acts): void {
    this.listeners.forEach((listener) => listener.hear(acts));
  }
}

const stream = new Stream();
stream.watchVisibility();

class LiveUpdate extends HTMLElement {
  private timer = 0;
  private beat = 0;

  connectedCallback(): void {
    if (!this.dataset.seconds) return stream.add(this);
    this.beat = window.setInterval(() => document.hidden || void this.load(), 1000 * Number(this.dataset.seconds));
  }

  disconnectedCallback(): void {
    clearTimeout(this.timer);
    clearInterval(this.beat);
    stream.remove(this);
  }

  hear(acts: Acts): void {
    // Acts without names: the stream fell behind and cannot say what was missed.
    const missed = acts.matters.length === 0 && acts.kinds.length === 0;
    const topic = this.dataset.topic ?? "";
    if (missed || [...acts.matters, ...acts.kinds].some((name) => name.startsWith(topic))) this.refresh();
  }

  /** Waits a moment, so that a burst of acts costs one request. */
  refresh(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.load(), settle);
  }

  private async load(): Promise<void> {
    if (isBeingWorkedOn()) return offerReload();
    // In the background: what a page asks by itself must not keep a deserted desk signed in.
    const answer = await fetch(location.href, { headers: { Accept: "text/html", "X-Comity-Background": "1" } }).catch(() => undefined);
    if (!answer?.ok || answer.redirected) return;
    const page = parse(await answer.text());
    if (page.getElementById("main")?.textContent === document.getElementById("main")?.textContent) return;
    if (isBeingWorkedOn()) return offerReload();
    if (replaceMain(page) && !this.beat) announce(this.dataset.note || word("changed"));
  }
}

function isBeingWorkedOn(): boolean {
  const main = document.getElementById("main");
  if (!main) return false;
  const focused = main.contains(document.activeElement) && document.activeElement !== main;
  return focused || main.querySelector("details[open]:not(filter-fold > details)") !== null || Array.from(main.querySelectorAll("input, textarea, select")).some(isChanged);
}

function isChanged(field: Element): boolean {
  if (field instanceof HTMLSelectElement) return Array.from(field.options).some((option) => option.selected !== option.defaultSelected && option.defaultSelected);
  if (field instanceof HTMLTextAreaElement) return field.value !== field.defaultValue;
  if (!(field instanceof HTMLInputElement) || field.type === "hidden") return false;
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  return field.type === "file" ? field.value !== "" : field.value !== field.defaultValue;
}

function offerReload(): void {
  const main = document.getElementById("main");
  if (!main || main.querySelector(".fresh")) return;
  const line = document.createElement("p");
  const link = document.createElement("a");
  line.className = "fresh";
  line.textContent = word("changed");
  link.href = location.pathname + location.search;
  link.textContent = word("reload");
  line.append(link);
  main.prepend(line);
  announce(word("changed"));
}

customElements.define("live-update", LiveUpdate);
