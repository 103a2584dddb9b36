import type { Position } from '../../lib/api/model';
import type { ComplaintCard } from '../../lib/api/reference';
import type { City } from '../../lib/api/views';

/** Reads `35.8989, 14.5146`; a Chinese comma and any spaces will do. */
export function parsePosition(text: string): Position | null {
  const match = /^\s*(-?\d+(?:\.\d+)?)\s*[,，\s]\s*(-?\d+(?:\.\d+)?)\s*$/.exec(text);
  if (!match) return null;
  const [lat, lon] = [Number(match[1]), Number(match[2])];
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? { lat, lon } : null;
}

export function formatPosition({ lat, lon }: Position): string {
  return `${lat.toFixed(5)}, ${lon.toFixed(5)}`;
}

export function isInside({ lat, lon }: Position, [west, south, east, north]: City['bounds']): boolean {
  return lat >= south && lat <= north && lon >= west && lon <= east;
}

/** Whole years 0 to 130; `null` for an empty field, `undefined` for anything else. */
export function parseAge(text: string): number | null | undefined {
  if (text.trim() === '') return null;
  if (!/^\s*\d{1,3}\s*$/.test(text)) return undefined;
  const age = Number(text);
  return age <= 130 ? age : undefined;
}

/** The question to ask next, or `-1` when all are answered. */
export function nextQuestion(card: ComplaintCard, answers: Record<string, string>): number {
  return card.questions.findIndex(({ id }) => !(id in answers));
}
