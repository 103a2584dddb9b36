import type { Micros } from '../api/model';

/** The centre's clock between its ticks: it runs `speed` times as fast as ours, never backwards. */
export class CentreClock {
  private anchor: { wall: number; centre: Micros } | null = null;
  private shown: Micros = 0;
  speed = 1;

  set(wallMs: number, centre: Micros): void {
    this.anchor = { wall: wallMs, centre };
  }

  /** Forgets what was shown; for a centre that starts its time anew. */
  restart(): void {
    this.shown = 0;
  }

  at(wallMs: number): Micros {
    if (!this.anchor) return 0;
    const passed = (wallMs - this.anchor.wall) * 1000 * this.speed;
    this.shown = Math.max(this.shown, Math.round(this.anchor.centre + passed));
    return this.shown;
  }
}
