/** Follows a long job by asking its address; loads the page again when it is finished. */
import { announce } from "./announce";

interface Progress {
  done: number;
  total: number;
  text: string;
  finished: boolean;
}

const shortest = 700;
const longest = 10_000;

class JobProgress extends HTMLElement {
  private wait = shortest;
  private timer = 0;
  private quarter = 0;

  connectedCallback(): void {
    if (this.dataset.finished === undefined) this.later();
  }

  disconnectedCallback(): void {
    clearTimeout(this.timer);
  }

  private later(): void {
    this.timer = window.setTimeout(() => void this.ask(), this.wait);
  }

  private async ask(): Promise<void> {
    try {
      const answer = await fetch(this.dataset.href ?? "", { headers: { Accept: "application/json", "X-Comity-Background": "1" } });
      if (!answer.ok) throw new Error(answer.statusText);
      const progress = (await answer.json()) as Progress;
      this.show(progress);
      if (progress.finished) return location.reload();
      this.wait = shortest;
    } catch {
      this.wait = Math.min(this.wait * 2, longest);
    }
    if (this.isConnected) this.later();
  }

  private show({ done, total, text }: Progress): void {
    const bar = this.querySelector("progress");
    const line = this.querySelector(".progress-text");
    if (bar) [bar.max, bar.value] = [Math.max(total, 1), done];
    if (line) line.textContent = text;
    const quarter = total > 0 ? Math.floor((4 * done) / total) : 0;
    if (quarter > this.quarter) announce(text);
    this.quarter = Math.max(quarter, this.quarter);
  }
}

customElements.define("job-progress", JobProgress);
