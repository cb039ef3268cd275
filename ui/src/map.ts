/** The map part: our own boundary and points on a canvas; tiles only where an address for them is configured. */
import * as leaflet from "leaflet";
import { announce, word } from "./announce";

interface PointProperties {
  title?: string;
  href?: string;
  tone?: string;
  size?: string;
}

/** Draws into the element and returns what takes the map away again. */
export function draw(element: HTMLElement): () => void {
  const { latitude, longitude, zoom, tiles, boundary, points, pick, marked } = element.dataset;
  const map = leaflet.map(element, { preferCanvas: true, attributionControl: Boolean(tiles), zoomSnap: 0.5, zoomControl: false });
  leaflet.control.zoom({ zoomInTitle: word("zoomIn"), zoomOutTitle: word("zoomOut") }).addTo(map);
  wheelOnlyInFocus(map);
  const middle = leaflet.latLng(Number(latitude), Number(longitude));
  map.setView(middle, Number(zoom));
  if (tiles) leaflet.tileLayer(tiles, { maxZoom: 18 }).addTo(map);
  const mark = leaflet.circleMarker(middle, ring(element));
  if (marked !== undefined) mark.addTo(map);
  if (pick) letPick(map, mark, document.getElementById(pick));
  const whole = marked === undefined;
  void addBoundary(map, element, boundary, whole)
    .then(() => addPoints(map, element, points))
    .then(() => mark.bringToFront());
  return () => map.remove();
}

/** A page that is scrolled past the map must not be caught by it. */
function wheelOnlyInFocus(map: leaflet.Map): void {
  map.scrollWheelZoom.disable();
  map.on("focus", () => map.scrollWheelZoom.enable());
  map.on("blur", () => map.scrollWheelZoom.disable());
}

/** A click fills in the form's place; who does not point presses the button, which takes the middle of the map. */
function letPick(map: leaflet.Map, mark: leaflet.CircleMarker, form: HTMLElement | null): void {
  if (!(form instanceof HTMLFormElement)) return;
  const take = (place: leaflet.LatLng): void => {
    const { lat, lng } = place.wrap();
    fill(form, "longitude", lng);
    fill(form, "latitude", lat);
    mark.setLatLng(place).addTo(map).bringToFront();
    announce(`${word("picked")} ${lng.toFixed(6)}, ${lat.toFixed(6)}`);
  };
  map.on("click", ({ latlng }) => take(latlng));
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  button.textContent = word("takeCentre");
  button.addEventListener("click", () => take(map.getCenter()));
  const control = new leaflet.Control({ position: "bottomright" });
  control.onAdd = () => {
    leaflet.DomEvent.disableClickPropagation(button);
    return button;
  };
  control.addTo(map);
}

function fill(form: HTMLFormElement, name: string, degrees: number): void {
  const field = form.elements.namedItem(name);
  if (field instanceof HTMLInputElement) field.value = degrees.toFixed(6);
}

async function addBoundary(map: leaflet.Map, element: HTMLElement, address: string | undefined, whole: boolean): Promise<void> {
  const shape = await load(address);
  if (!shape) return;
  const style = { color: token(element, "--accent"), weight: 2, fillColor: token(element, "--surface"), fillOpacity: 0.6 };
  const layer = leaflet.geoJSON(shape, { style, interactive: false }).addTo(map);
  if (whole) map.fitBounds(layer.getBounds(), { padding: [12, 12], animate: false });
}

async function addPoints(map: leaflet.Map, element: HTMLElement, address: string | undefined): Promise<void> {
  const shape = await load(address);
  if (!shape) return;
  leaflet
    .geoJSON<PointProperties>(shape, {
      style: (feature) => (feature?.geometry.type === "Point" ? {} : { color: tone(element, feature?.properties.tone), weight: 2, fillOpacity: 0.15 }),
      pointToLayer: ({ properties }, place) => leaflet.circleMarker(place, dot(element, properties)),
      onEachFeature: ({ properties }, layer) => layer.bindPopup(label(properties)),
    })
    .addTo(map);
}

function dot(element: HTMLElement, { tone: name, size }: PointProperties): leaflet.CircleMarkerOptions {
  const colour = tone(element, name);
  return { radius: size === "large" ? 8 : 5, weight: 1.5, color: token(element, "--surface"), fillColor: colour, fillOpacity: 1 };
}

/** The place that the page is about: a ring, which the dots of others do not have. */
function ring(element: HTMLElement): leaflet.CircleMarkerOptions {
  return { radius: 11, weight: 3, color: token(element, "--ink"), fill: false, interactive: false };
}

function tone(element: HTMLElement, name: string | undefined): string {
  const known = ["good", "info", "warn", "bad", "neutral"].includes(name ?? "");
  return token(element, known ? `--${name}` : "--accent");
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
