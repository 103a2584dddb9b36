import type { Map as MapLibre } from 'maplibre-gl';
import type { Position } from '../api/model';
import type { Palette } from './palette';
import { placed, type Box } from './labels';
import { livingSigns, SIGN_PX } from './signs';

export interface Mark { at: Position; sign: string }
export interface UnitMark extends Mark { id: string; heading: number | null }
export interface IncidentMark extends Mark { id: number }

/** What moves on the map, each list from the lowest to the topmost. */
export interface Scene {
  routes: Position[][];
  units: UnitMark[];
  incidents: IncidentMark[];
  picked: Position | null;
}

export type Hit = { incident: number } | { unit: string } | null;

interface Spot { x: number; y: number }

const NOTHING: Scene = { routes: [], units: [], incidents: [], picked: null };
const MIDDLE_PX = SIGN_PX / 2;
/** How far from the middle of a sign a click still means it. */
const NEAR_PX = 17;
const LABEL_PX = 12;
const LABEL_BELOW_PX = 13;
const LABEL_HALO_PX = 1.6;
/** Signs that are this far outside the frame need no drawing. */
const MARGIN_PX = 40;

/**
 * Units, incidents and routes on a canvas of their own above the map. They move every second, and
 * each change of a layer of the map would paint all of it anew: a fifth of a second without a
 * graphics card, in which no wave is drawn.
 */
export class Living {
  private readonly canvas = document.createElement('canvas');
  private readonly signs: Map<string, HTMLCanvasElement>;
  private readonly labels = new Map<string, HTMLCanvasElement>();
  private scene = NOTHING;
  private dpr = 1;

  constructor(private readonly map: MapLibre, private readonly palette: Palette) {
    this.signs = new Map(livingSigns(palette));
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
    return unit ? { unit: unit.id } : null;
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
    for (const route of this.scene.routes) this.drawRoute(pen, route);
    this.drawUnits(pen);
    for (const mark of this.scene.incidents) this.drawSign(pen, mark.sign, this.middleOfIncident(mark));
    if (this.scene.picked) this.drawPicked(pen, this.spot(this.scene.picked));
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

  private drawUnits(pen: CanvasRenderingContext2D): void {
    const seen = this.scene.units
      .map((mark) => ({ mark, spot: this.spot(mark.at) }))
      .filter(({ spot }) => this.isInFrame(spot));
    for (const { mark, spot } of seen) {
      if (mark.heading !== null) this.drawPointer(pen, spot, mark.heading);
    }
    for (const { mark, spot } of seen) this.drawSign(pen, mark.sign, spot);
    const boxes = seen.toReversed().map(({ mark, spot }) => this.labelBox(mark.id, spot));
    for (const { image, x, y, width, height } of placed(boxes)) pen.drawImage(image, x, y, width, height);
  }

  private isInFrame({ x, y }: Spot): boolean {
    const { clientWidth, clientHeight } = this.map.getContainer();
    return x > -MARGIN_PX && y > -MARGIN_PX && x < clientWidth + MARGIN_PX && y < clientHeight + MARGIN_PX;
  }

  private drawSign(pen: CanvasRenderingContext2D, name: string, { x, y }: Spot): void {
    const sign = this.signs.get(name);
    if (sign) pen.drawImage(sign, x - MIDDLE_PX, y - MIDDLE_PX, SIGN_PX, SIGN_PX);
  }

  private drawPointer(pen: CanvasRenderingContext2D, { x, y }: Spot, heading: number): void {
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

  private labelBox(text: string, { x, y }: Spot): Box & { image: HTMLCanvasElement } {
    const image = this.labels.get(text) ?? this.letter(text);
    const [width, height] = [image.width / this.dpr, image.height / this.dpr];
    return { image, x: x - width / 2, y: y + LABEL_BELOW_PX, width, height };
  }

  /** Letters with a halo, drawn once: text is what costs most on a canvas. */
  private letter(text: string): HTMLCanvasElement {
    const image = document.createElement('canvas');
    const pen = image.getContext('2d');
    if (!pen) return image;
    const font = `500 ${LABEL_PX}px "Inter Variable", "Noto Sans SC Variable", sans-serif`;
    pen.font = font;
    image.width = Math.ceil((pen.measureText(text).width + 2 * LABEL_HALO_PX) * this.dpr);
    image.height = Math.ceil((LABEL_PX + 2 * LABEL_HALO_PX) * this.dpr);
    pen.scale(this.dpr, this.dpr);
    Object.assign(pen, {
      font, textBaseline: 'top', lineJoin: 'round', lineWidth: 2 * LABEL_HALO_PX,
      strokeStyle: this.palette['map-halo'], fillStyle: this.palette['map-unit'],
    });
    pen.strokeText(text, LABEL_HALO_PX, LABEL_HALO_PX);
    pen.fillText(text, LABEL_HALO_PX, LABEL_HALO_PX);
    this.labels.set(text, image);
    return image;
  }
}
