/** The map part: our own boundary and points on a canvas; tiles only where an address for them is configured. */
import * as leaflet from "leaflet";
import { word } from "./announce";

interface PointProperties {
  title?: string;
  href?: string;
  tone?: string;
}

/** Draws into the element and returns what takes the map away again. */
export function draw(element: HTMLElement): () => void {
  const { latitude, longitude, zoom, tiles, boundary, points } = element.dataset;
  const map = leaflet.map(element, { preferCanvas: true, attributionControl: Boolean(tiles), zoomSnap: 0.5, zoomControl: false });
  leaflet.control.zoom({ zoomInTitle: word("zoomIn"), zoomOutTitle: word("zoomOut") }).addTo(map);
  wheelOnlyInFocus(map);
  map.setView([Number(latitude), Number(longitude)], Number(zoom));
  if (tiles) leaflet.tileLayer(tiles, { maxZoom: 18 }).addTo(map);
  void addBoundary(map, element, boundary).then(() => addPoints(map, element, points));
  return () => map.remove();
}

/** A page that is scrolled past the map must not be caught by it. */
function wheelOnlyInFocus(map: leaflet.Map): void {
  map.scrollWheelZoom.disable();
  map.on("focus", () => map.scrollWheelZoom.enable());
  map.on("blur", () => map.scrollWheelZoom.disable());
}

async function addBoundary(map: leaflet.Map, element: HTMLElement, address: string | undefined): Promise<void> {
  const shape = await load(address);
  if (!shape) return;
  const style = { color: token(element, "--accent"), weight: 2, fillColor: token(element, "--surface"), fillOpacity: 0.6 };
  const layer = leaflet.geoJSON(shape, { style, interactive: false }).addTo(map);
  map.fitBounds(layer.getBounds(), { padding: [12, 12], animate: false });
}

async function addPoints(map: leaflet.Map, element: HTMLElement, address: string | undefined): Promise<void> {
  const shape = await load(address);
  if (!shape) return;
  leaflet
    .geoJSON<PointProperties>(shape, {
      pointToLayer: ({ properties }, place) => leaflet.circleMarker(place, dot(element, properties.tone)),
      onEachFeature: ({ properties }, layer) => layer.bindPopup(label(properties)),
    })
    .addTo(map);
}

function dot(element: HTMLElement, tone: string | undefined): leaflet.CircleMarkerOptions {
  const known = ["good", "info", "warn", "bad", "neutral"].includes(tone ?? "");
  const colour = token(element, known ? `--${tone}` : "--accent");
  return { radius: 5, weight: 1.5, color: token(element, "--surface"), fillColor: colour, fillOpacity: 1 };
}

function label({ title, href }: PointProperties): HTMLElement {
  const name = document.createElement(href ? "a" : "span");
  name.textContent = title ?? "";
  if (href?.startsWith("/")) name.setAttribute("href", href);
  return name;
}

function token(element: HTMLElement, name: string): string {
  return getComputedStyle(element).getPropertyValue(name).trim();
}

async function load(address: string | undefined): Promise<GeoJSON.FeatureCollection | undefined> {
  if (!address) return undefined;
  const answer = await fetch(address, { headers: { Accept: "application/geo+json, application/json" } });
  return answer.ok ? ((await answer.json()) as GeoJSON.FeatureCollection) : undefined;
}
