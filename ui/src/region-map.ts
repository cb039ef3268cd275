/** <region-map> fetches the map library only on pages that show a map. */
class RegionMap extends HTMLElement {
  private undraw: (() => void) | undefined;

  connectedCallback(): void {
    void this.load();
  }

  disconnectedCallback(): void {
    this.undraw?.();
    this.undraw = undefined;
  }

  private async load(): Promise<void> {
    const { mapJs, mapCss } = document.documentElement.dataset;
    if (!mapJs || !mapCss) return;
    await style(mapCss);
    const { draw } = (await import(mapJs)) as typeof import("./map");
    if (this.isConnected) this.undraw = draw(this);
  }
}

function style(address: string): Promise<void> {
  if (document.querySelector(`link[href="${CSS.escape(address)}"]`)) return Promise.resolve();
  return new Promise((resolve) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = address;
    link.addEventListener("load", () => resolve());
    link.addEventListener("error", () => resolve());
    document.head.append(link);
  });
}

customElements.define("region-map", RegionMap);
