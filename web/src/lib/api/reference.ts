import type { Destination } from './findings';
import type { TagTree } from './major';
import type { Bilingual, Millis, Need, UnitKind } from './model';

export interface Answer { id: string; text: Bilingual }
export interface Question { id: string; text: Bilingual; is_red_flag: boolean; options: Answer[] }
export interface ComplaintCard { id: string; name: Bilingual; questions: Question[] }

export interface Slot { id: string; name: Bilingual; kinds: UnitKind[]; need: Need; within: Millis | null }
export interface RunCard { id: string; name: Bilingual; slots: Slot[] }

export interface Reference {
  complaints: ComplaintCard[];
  tasks: Record<string, Bilingual>;
  /** What the keys of a suggestion's `because` say: `chest-pain.cold-sweat`. */
  rules: Record<string, Bilingual>;
  /** What decides where a patient belongs. */
  destination: Destination[];
  /** Methods of tagging many casualties. */
  tag_trees: TagTree[];
  /** Which units calls get. */
  run_cards?: RunCard[];
  /** Texts of the scores that vital signs carry. */
  scores: ScoreTexts[];
}

/** A score's texts, by the names that vital signs carry. */
export interface ScoreTexts {
  id: string;
  title: Bilingual;
  edition: string;
  is_verified: boolean;
  decimals: number;
  items: Record<string, Bilingual>;
  classes: Record<string, Bilingual>;
}

export const NO_REFERENCE: Reference = { complaints: [], tasks: {}, rules: {}, destination: [], tag_trees: [], scores: [] };

/** The answer that every question takes: the caller does not know. */
export const UNKNOWN = 'unknown';

/** Cards whose name (in either language) or id holds every word of the query; best first. */
export function findCards(cards: ComplaintCard[], query: string): ComplaintCard[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const place = (card: ComplaintCard) => {
    const names = [card.name.en, card.name.zh, card.id].map((name) => name.toLowerCase());
    if (!words.every((word) => names.some((name) => name.includes(word)))) return -1;
    return names.some((name) => name.startsWith(words[0] ?? '')) ? 0 : 1;
  };
  return cards
    .map((card) => ({ card, place: place(card) }))
    .filter(({ place }) => place >= 0)
    .sort((a, b) => a.place - b.place)
    .map(({ card }) => card);
}
