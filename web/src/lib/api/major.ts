import type { HospitalCapability, Micros, Millis, Position } from './model';

export type Tag = 'immediate' | 'delayed' | 'minor' | 'expectant' | 'deceased';
export const TAGS: Tag[] = ['immediate', 'delayed', 'minor', 'expectant', 'deceased'];
export type AgeGroup = 'child' | 'adult' | 'unknown';
export type SceneEnd = 'dead' | 'walked_away' | 'released';
export type CasualtyStateName =
  | 'tagged' | 'allotted' | 'loaded' | 'at_hospital' | 'dead_on_scene' | 'walked_away' | 'released';

export interface StagingArea { name: string; position: Position; n_units_max: number }
export interface Areas { staging: StagingArea[]; collection?: Position | null }
export interface Methane { kind?: string; hazards?: string; access?: string; casualties?: string; services?: string }

export interface TagFinding {
  age_group: AgeGroup;
  tree: string;
  answers: Record<string, boolean>;
  by_tree: Tag;
  tag: Tag;
  overrule?: string;
  needs?: HospitalCapability[];
}

export type PlaceReason =
  | { reason: 'has_capability' | 'lacks_capability'; capability: HospitalCapability }
  | { reason: 'places_told' | 'beds_free'; n_left: number }
  | { reason: 'places_unknown' | 'full' | 'unreachable' }
  | { reason: 'diverting'; why: string };

export type MajorOrder =
  | { type: 'declare' | 'report'; areas: Areas; methane?: Methane }
  | { type: 'stage_unit'; unit: string; area: string }
  | { type: 'call_forward'; unit: string }
  | {
      type: 'tag'; casualty?: number; age_group: AgeGroup; tree: string;
      answers: Record<string, boolean>; overrule?: { tag: Tag; reason: string };
      needs?: HospitalCapability[];
    }
  | { type: 'allot'; places: { casualty: number; hospital: string }[]; overrule?: string }
  | { type: 'load'; casualty: number; unit: string }
  | { type: 'unload'; casualty: number; reason: string }
  | { type: 'end_on_scene'; casualty: number; how: SceneEnd }
  | { type: 'stand_down' };

export type MajorEvent =
  | { type: 'declared' | 'reported'; areas: Areas; methane?: Methane }
  | { type: 'unit_staged'; unit: string; area: string }
  | { type: 'unit_called_forward'; unit: string }
  | { type: 'casualty_tagged'; casualty: number; finding: TagFinding }
  | {
      type: 'casualty_allotted'; casualty: number; hospital: string; policy: string;
      advised: string | null; drive: Millis | null; reasons: PlaceReason[]; overrule?: string;
    }
  | { type: 'casualty_loaded'; casualty: number; unit: string }
  | { type: 'casualty_unloaded'; casualty: number; unit: string; reason: string }
  | { type: 'casualty_brought'; casualty: number; unit: string; hospital: string }
  | { type: 'casualty_ended'; casualty: number; how: SceneEnd }
  | { type: 'stood_down' };

/** How a major incident stands, in a few numbers. */
export interface MajorSummary {
  state: 'declared' | 'stood_down';
  at: Micros;
  by_tag: Partial<Record<Tag, number>>;
  by_place: Partial<Record<CasualtyStateName, number>>;
}

export interface CasualtyView {
  id: number;
  tag: Tag;
  age_group: AgeGroup;
  state: CasualtyStateName;
  unit?: string;
  hospital?: string;
  since: Micros;
  eta: Micros | null;
  tags: (TagFinding & { by: string; at: Micros })[];
  /** The best hospital, for one who has none; null where none has told a place. */
  advised: { hospital: string; drive: Millis | null; has_place: boolean; reasons: PlaceReason[] } | null;
}

export interface HospitalLoad {
  hospital: string;
  drive: Millis | null;
  left: { told: 'promised'; places: [number, number, number] } | { told: 'beds'; n: number } | { told: 'unknown' };
  told_at: Micros | null;
  n_given: [immediate: number, delayed: number, minor: number];
  n_brought: number;
}

export interface MajorIncident {
  incident: number;
  now: Micros;
  summary: MajorSummary;
  areas: Areas;
  methane: Methane | null;
  /** Units that were told to wait, and where. */
  staged: Record<string, string>;
  casualties: CasualtyView[];
  policy: string;
  hospitals: HospitalLoad[];
}

/** A casualty whom a hospital expects. */
export interface Announced {
  incident: number;
  casualty: number;
  tag: Tag;
  age_group: AgeGroup;
  needs: HospitalCapability[];
  unit: string | null;
  eta: Micros | null;
}

export interface Surge { places: [number, number, number]; declared_at: Micros }

export interface TagStep {
  id: string;
  ask: { en: string; zh: string };
  yes: Next;
  no: Next;
}
export type Next = { step: string } | { tag: Tag };
export interface TagTree { name: string; title: { en: string; zh: string }; ages: AgeGroup[]; steps: TagStep[] }

/** How far the answers lead, as the centre would say: the next question, or a tag. */
export function follow(tree: TagTree, answers: Record<string, boolean>): TagStep | Tag {
  let step = tree.steps[0]!;
  for (;;) {
    const answer = answers[step.id];
    if (answer === undefined) return step;
    const next = answer ? step.yes : step.no;
    if ('tag' in next) return next.tag;
    const { step: id } = next;
    step = tree.steps.find((it) => it.id === id)!;
  }
}
