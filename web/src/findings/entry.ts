import type { BurnDepth, Findings, FindingsKind, RaceItems } from '../lib/api/findings';
import type { Micros, Vitals } from '../lib/api/model';

/** What a form holds: text as typed, `null` where nobody looked. */
export interface Entry {
  race: RaceItems;
  well: string;
  isStemi: boolean | null;
  recorded: string;
  onset: string;
  givesLysis: boolean | null;
  motor: number | null;
  figures: Record<Figure, string>;
  depth: BurnDepth | null;
  sides: { appearance: boolean | null; breathing: boolean | null; circulation: boolean | null };
  ticked: string[];
}

export type Figure = 'breaths' | 'saturation' | 'systolic' | 'pulse' | 'tbsa' | 'weeks';

export const RANGES: Record<Figure, [min: number, max: number]> = {
  breaths: [0, 100], saturation: [0, 100], systolic: [0, 300], pulse: [0, 350], tbsa: [0, 100], weeks: [1, 45],
};

const FIGURES: Record<FindingsKind, Figure[]> = {
  stroke: [], ecg: [], child: [], injury: ['breaths', 'saturation', 'systolic', 'pulse'], burn: ['tbsa'], obstetric: ['weeks'],
};

const DAY: Micros = 86_400_000_000;

const clockOf = (at: Micros | null) => {
  if (at === null) return '';
  const date = new Date(at / 1000);
  return [date.getHours(), date.getMinutes()].map((n) => String(n).padStart(2, '0')).join(':');
};

/** A form that holds what was found before, so that recording again loses nothing. */
export function entryOf(found: Findings): Entry {
  const entry = emptyEntry(null);
  const text = (value: number | null) => (value === null ? '' : String(value));
  switch (found.kind) {
    case 'stroke': return { ...entry, race: { ...found.race }, well: clockOf(found.last_known_well) };
    case 'ecg':
      return {
        ...entry, isStemi: found.is_stemi, recorded: clockOf(found.recorded_at), onset: clockOf(found.onset),
        givesLysis: found.crew_gives_lysis,
      };
    case 'injury': {
      const { motor, breaths, saturation, systolic, pulse, criteria } = found;
      const told = { breaths: text(breaths), saturation: text(saturation), systolic: text(systolic), pulse: text(pulse) };
      return { ...entry, motor, figures: { ...entry.figures, ...told }, ticked: [...criteria] };
    }
    case 'burn':
      return { ...entry, depth: found.depth, figures: { ...entry.figures, tbsa: text(found.tbsa_percent) }, ticked: [...found.criteria] };
    case 'obstetric': return { ...entry, figures: { ...entry.figures, weeks: text(found.weeks) }, ticked: [...found.signs] };
    case 'child':
      return { ...entry, sides: { appearance: found.appearance, breathing: found.breathing, circulation: found.circulation } };
  }
}

/** An empty form; an injury's begins with what the monitor measures, on room air alone its saturation. */
export function emptyEntry(vitals: Vitals | null): Entry {
  const text = (value: number | null | undefined) => (value == null ? '' : String(Math.round(value)));
  return {
    race: { face: null, arm: null, leg: null, gaze: null, cortex: null },
    well: '', isStemi: null, recorded: '', onset: '', givesLysis: null, motor: null,
    figures: {
      breaths: text(vitals?.respiratory_rate), systolic: text(vitals?.systolic), pulse: text(vitals?.heart_rate),
      saturation: vitals?.on_oxygen === false ? text(vitals.spo2) : '', tbsa: '', weeks: '',
    },
    depth: null, sides: { appearance: null, breathing: null, circulation: null }, ticked: [],
  };
}

/** The last time before now that a clock showed `HH:MM`, in the zone of who looks; `null` for no time. */
export function lastTimeOf(text: string, now: Micros): Micros | null {
  const match = /^(\d{1,2}):(\d{2})/.exec(text);
  if (!match) return null;
  const date = new Date(now / 1000);
  date.setHours(Number(match[1]), Number(match[2]), 0, 0);
  const at = date.getTime() * 1000;
  return at <= now ? at : at - DAY;
}

const parse = (figure: Figure, text: string): number | null | undefined => {
  if (text.trim() === '') return null;
  const [min, max] = RANGES[figure];
  const value = /^\d{1,3}$/.test(text.trim()) ? Number(text) : NaN;
  return value >= min && value <= max ? value : undefined;
};

/** The figures of a form that cannot be. */
export const badFigures = (kind: FindingsKind, entry: Entry): Figure[] =>
  FIGURES[kind].filter((figure) => parse(figure, entry.figures[figure]) === undefined);

/** What a form says; `null` while it is not ready: a figure is wrong, or an ECG says nothing. */
export function findingsOf(kind: FindingsKind, entry: Entry, now: Micros): Findings | null {
  if (badFigures(kind, entry).length > 0) return null;
  const figure = (name: Figure) => parse(name, entry.figures[name]) ?? null;
  switch (kind) {
    case 'stroke': return { kind, race: entry.race, last_known_well: lastTimeOf(entry.well, now) };
    case 'ecg':
      if (entry.isStemi === null) return null;
      return {
        kind, is_stemi: entry.isStemi, recorded_at: lastTimeOf(entry.recorded, now) ?? now,
        onset: lastTimeOf(entry.onset, now), crew_gives_lysis: entry.givesLysis,
      };
    case 'injury':
      return {
        kind, motor: entry.motor, breaths: figure('breaths'), saturation: figure('saturation'),
        systolic: figure('systolic'), pulse: figure('pulse'), criteria: entry.ticked,
      };
    case 'burn': return { kind, tbsa_percent: figure('tbsa'), depth: entry.depth, criteria: entry.ticked };
    case 'obstetric': return { kind, weeks: figure('weeks'), signs: entry.ticked };
    case 'child': return { kind, ...entry.sides };
  }
}

const KIND_OF: Record<string, FindingsKind> = {
  stroke: 'stroke', 'chest-pain': 'ecg', trauma: 'injury', fall: 'injury', burns: 'burn', childbirth: 'obstetric', 'child-fever': 'child',
};

/** The findings that a complaint asks for first. */
export const kindFor = (complaint: string, age: number | null): FindingsKind =>
  KIND_OF[complaint] ?? (age !== null && age < 16 ? 'child' : 'stroke');
