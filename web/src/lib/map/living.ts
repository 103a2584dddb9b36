import type { Map as MapLibre } from 'maplibre-gl';
import type { Position } from '../api/model';
import type { Palette } from './palette';
import { broken, placed, type Box } from './labels';
import { allSigns, SIGN_PX } from './signs';

export interface Mark { at: Position; sign: string }
export interface Named extends Mark { label: string; ink: 'map-unit' | 'map-hospital' }
export interface UnitMark extends Named { heading: number | null }
export interface IncidentMark extends Mark { id: number }

/** What is shown on the map, from the lowest to the topmost. */
export interface Scene {
  routes: Position[][];
  stations: Mark[];
  hospitals: Named[];
  units: UnitMark[];
  incidents: IncidentMark[];
  picked: Position | null;
}

export type Hit = { incident: number } | { unit: string } | null;

interface Spot { x: number; y: number }

const NOTHING: Scene = { routes: [], stations: [], hospitals: [], units: [], incidents: [], picked: null };
const MIDDLE_PX = SIGN_PX / 2;
/** How far from the middle of a sign a click still means it. */
const NEAR_PX = 17;
const LABEL_PX = 12;
const LABEL_BELOW_PX = 13;
const LABEL_HALO_PX = 1.6;
const LINE_PX = 14;
const LETTERS_MAX = 18;
/** What labels keep free around the middle of a sign. */
const SIGN_HALF_PX = 9;
/** Signs that are this far outside the frame need no drawing. */
const MARGIN_PX = 40;

/**
 * Units, incidents, routes and places on a canvas of their own above the map. Units move every
 * second, and each change of a layer of the map would paint all of it anew: a fifth of a second
 * without a graphics card, in which no wave is drawn.
 */
export class Living {
  private readonly canvas = document.createElement('canvas');
  private readonly signs: Map<string, HTMLCanvasElement>;
  private readonly labels = new Map<string, HTMLCanvasElement>();
  private scene = NOTHING;
  private dpr = 1;

  constructor(private readonly map: MapLibre, private readonly palette: Palette) {
    this.signs = new Map(allSigns(palette));
    this.canvas.setAttribute('aria-hidden', 'true');
    this.canvas.style.cssText = 'position:absolute;inset:0;width:100%;height:100%;pointer-events:none';
    map.getCanvasContainer().append(this.canvas);
    map.on('move', () => this.draw());
    map.on('resize', () => this.resize());
    this.resize();
  }

  show(scene: Scene): void {
    this.scene = scene;
    this.draw();
  }

  /** What is at a point of the frame: incidents lie above units. */
  hit(at: Spot): Hit {
    const isNear = (spot: Spot) => Math.hypot(spot.x - at.x, spot.y - at.y) <= NEAR_PX;
    const incident = this.scene.incidents.findLast((mark) => isNear(this.middleOfIncident(mark)));
    if (incident) return { incident: incident.id };
    const unit = this.scene.units.findLast((mark) => isNear(this.spot(mark.at)));
    return unit ? { unit: unit.label } : null;
  }

  private spot({ lon, lat }: Position): Spot {
    return this.map.project([lon, lat]);
  }

  /** An incident's sign stands on its place. */
  private middleOfIncident({ at }: IncidentMark): Spot {
    const { x, y } = this.spot(at);
    return { x, y: y - MIDDLE_PX };
  }

  private resize(): void {
    this.dpr = devicePixelRatio || 1;
    const { clientWidth, clientHeight } = this.map.getContainer();
    this.canvas.width = Math.round(clientWidth * this.dpr);
    this.canvas.height = Math.round(clientHeight * this.dpr);
    this.draw();
  }

  private draw(): void {
    const pen = this.canvas.getContext('2d');
    if (!pen) return;
    pen.setTransform(this.dpr, 0, 0, this.dpr, 0, 0);
    pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    const { routes, stations, hospitals, units, incidents, picked } = this.scene;
    for (const route of routes) this.drawRoute(pen, route);
    for (const mark of [...stations, ...hospitals]) this.drawSign(pen, mark.sign, this.spot(mark.at));
    for (const mark of units) this.drawPointer(pen, mark);
    for (const mark of units) this.drawSign(pen, mark.sign, this.spot(mark.at));
    this.drawLabels(pen, [...units.toReversed(), ...hospitals]);
    for (const mark of incidents) this.drawSign(pen, mark.sign, this.middleOfIncident(mark));
    if (picked) this.drawPicked(pen, this.spot(picked));
  }

  private drawRoute(pen: CanvasRenderingContext2D, route: Position[]): void {
    pen.save();
    Object.assign(pen, {
      strokeStyle: this.palette['map-route'], lineWidth: 4.5, globalAlpha: 0.85, lineCap: 'round', lineJoin: 'round',
    });
    pen.beginPath();
    for (const { x, y } of route.map((at) => this.spot(at))) pen.lineTo(x, y);
    pen.stroke();
    pen.restore();
  }

  /** The label of an earlier mark comes first. */
  private drawLabels(pen: CanvasRenderingContext2D, marks: Named[]): void {
    const seen = marks.map((mark) => ({ mark, spot: this.spot(mark.at) })).filter(({ spot }) => this.isInFrame(spot));
    const signs = seen.map(({ spot: { x, y } }) => ({
      x: x - SIGN_HALF_PX, y: y - SIGN_HALF_PX, width: 2 * SIGN_HALF_PX, height: 2 * SIGN_HALF_PX,
    }));
    const labels = seen.map(({ mark, spot }) => this.labelBox(mark, spot));
    for (const { image, x, y, width, height } of placed(labels, signs)) pen.drawImage(image, x, y, width, height);
  }

  private isInFrame({ x, y }: Spot): boolean {
    const { clientWidth, clientHeight } = this.map.getContainer();
    return x > -MARGIN_PX && y > -MARGIN_PX && x < clientWidth + MARGIN_PX && y < clientHeight + MARGIN_PX;
  }

  private drawSign(pen: CanvasRenderingContext2D, name: string, { x, y }: Spot): void {
    const sign = this.signs.get(name);
    if (sign && this.isInFrame({ x, y })) pen.drawImage(sign, x - MIDDLE_PX, y - MIDDLE_PX, SIGN_PX, SIGN_PX);
  }

  private drawPointer(pen: CanvasRenderingContext2D, { at, heading }: UnitMark): void {
    if (heading === null) return;
    const { x, y } = this.spot(at);
    pen.save();
    pen.translate(x, y);
    pen.rotate(((heading - this.map.getBearing()) * Math.PI) / 180);
    this.drawSign(pen, 'pointer', { x: 0, y: 0 });
    pen.restore();
  }

  private drawPicked(pen: CanvasRenderingContext2D, { x, y }: Spot): void {
    pen.strokeStyle = this.palette.accent;
    pen.lineWidth = 3;
    pen.beginPath();
    pen.arc(x, y, 9, 0, 2 * Math.PI);
    pen.stroke();
  }

  private labelBox({ label, ink }: Named, { x, y }: Spot): Box & { image: HTMLCanvasElement } {
    const image = this.labels.get(`${ink} ${label}`) ?? this.letter(label, ink);
    const [width, height] = [image.width / this.dpr, image.height / this.dpr];
    return { image, x: x - width / 2, y: y + LABEL_BELOW_PX, width, height };
  }

  /** Letters with a halo, drawn once: text is what costs most on a canvas. */
  private letter(text: string, ink: Named['ink']): HTMLCanvasElement {
    const image = document.createElement('canvas');
    const pen = image.getContext('2d');
    if (!pen) return image;
    const lines = broken(text, LETTERS_MAX);
    const font = `500 ${LABEL_PX}px "Inter Variable", "Noto Sans SC Variable", sans-serif`;
    pen.font = font;
    const widthPx = Math.max(...lines.map((line) => pen.measureText(line).width)) + 2 * LABEL_HALO_PX;
    image.width = Math.ceil(widthPx * this.dpr);
    image.height = Math.ceil((lines.length * LINE_PX + 2 * LABEL_HALO_PX) * this.dpr);
    pen.scale(this.dpr, this.dpr);
    Object.assign(pen, {
      font, textBaseline: 'top', textAlign: 'center', lineJoin: 'round', lineWidth: 2 * LABEL_HALO_PX,
      strokeStyle: this.palette['map-halo'], fillStyle: this.palette[ink],
    });
    const each = (draw: (line: string, x: number, y: number) => void) =>
      lines.forEach((line, idx) => draw(line, widthPx / 2, LABEL_HALO_PX + idx * LINE_PX));
    each((line, x, y) => pen.strokeText(line, x, y));
    each((line, x, y) => pen.fillText(line, x, y));
    this.labels.set(`${ink} ${text}`, image);
    return image;
  }
}
