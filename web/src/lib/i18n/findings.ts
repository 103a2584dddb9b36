import type { Destination, Findings, Judgement } from '../api/findings';
import type { HospitalReason, Millis } from '../api/model';
import { clockShort } from '../time/format';
import { sayCapabilities, type Speech } from './reasons';

/** What a sentence about findings needs: names of criteria beside those of hospitals. */
export interface FindingsSpeech extends Speech {
  criterionName(kind: Findings['kind'], id: string): string;
}

export const inMins = (ms: Millis) => Math.round(ms / 60_000);
const percent = (permille: number) => (permille / 10).toFixed(1).replace(/\.0$/, '');
const isChinese = ({ t }: Speech) => t.language.self === '中文';
const comma = (speech: Speech) => (isChinese(speech) ? '，' : ', ');
const list = (names: string[], speech: Speech) => names.join(isChinese(speech) ? '、' : ', ');

type Treatment = Extract<HospitalReason, { reason: 'stroke_outlook' | 'stroke_times' | 'reperfusion' }>;

/** When treatment begins at a hospital and what it is worth there. */
export function sayTreatment(reason: Treatment, speech: Speech & { hospitalName(id: string): string }): string {
  const say = speech.t.hospital_reason;
  const then = reason.then === null ? [] : [say.then(speech.hospitalName(reason.then))];
  const join = (parts: string[]) => parts.join(comma(speech));
  switch (reason.reason) {
    case 'stroke_outlook': {
      const times = [
        ...(reason.to_needle === null ? [] : [say.needle(inMins(reason.to_needle))]),
        ...(reason.to_puncture === null ? [] : [say.puncture(inMins(reason.to_puncture))]),
      ];
      const treatments = [times.length > 0 ? say.after_onset(join(times)) : say.no_needle, ...then];
      const behind = reason.behind_permille > 0 ? [say.behind_percent(percent(reason.behind_permille))] : [];
      return join([say.stroke_outlook(join(treatments), percent(reason.chance_permille)), ...behind]);
    }
    case 'stroke_times': {
      const puncture = reason.to_puncture === null ? [] : [say.puncture(inMins(reason.to_puncture))];
      const times = join([say.needle(inMins(reason.to_needle)), ...puncture]);
      return join([say.stroke_times(times), ...then]);
    }
    case 'reperfusion':
      return join([...sayReperfusion(reason, speech), ...then]);
  }
}

function sayReperfusion(reason: Extract<Treatment, { reason: 'reperfusion' }>, { t }: Speech): string[] {
  const say = t.hospital_reason;
  const goal = inMins(reason.goal);
  const wire = reason.to_wire === null ? null : inMins(reason.to_wire);
  const counts = say.counts_as(inMins(reason.counts_as));
  if (reason.how === 'lysis')
    return [say.lysis(inMins(reason.to_bolus ?? 0), goal), counts, ...(wire === null ? [] : [say.wire(wire)])];
  return reason.how === 'primary_pci' ? [say.primary_pci(wire ?? 0, goal)] : [say.late_pci(wire ?? 0, goal), counts];
}

/** What the findings mean, a sentence each. */
export function sayJudgement({ verdict }: Judgement, kind: Findings['kind'], speech: FindingsSpeech): string[] {
  const { t } = speech;
  const say = t.findings.verdict;
  const names = (ids: string[]) => list(ids.map((id) => speech.criterionName(kind, id)), speech);
  const missing = verdict.verdict !== 'stemi' && verdict.missing.length > 0 ? [t.findings.missing(names(verdict.missing))] : [];
  switch (verdict.verdict) {
    case 'stroke': {
      const score = verdict.missing.length > 0 ? say.race_incomplete : say.race;
      return [
        score(verdict.race, verdict.positive_from),
        ...(verdict.occlusion_permille === null ? [] : [say.occlusion(percent(verdict.occlusion_permille))]),
        verdict.since_onset === null ? say.unknown_well : say.since_well(inMins(verdict.since_onset)),
        ...missing,
      ];
    }
    case 'stemi':
      return [
        say.stemi(inMins(verdict.since_diagnosis), inMins(verdict.wire_max)),
        ...(verdict.since_onset === null ? [] : [say.since_pain(inMins(verdict.since_onset))]),
      ];
    case 'criteria': {
      const grade = t.findings.grade[verdict.grade] ?? speech.criterionName(kind, verdict.grade);
      return [
        verdict.met.length > 0 ? `${grade}${isChinese(speech) ? '：' : ': '}${names(verdict.met)}` : grade,
        ...(verdict.needs.length > 0 ? [t.findings.asks(sayCapabilities(verdict.needs, t))] : []),
        ...(verdict.prefers.length > 0 ? [t.findings.prefers(sayCapabilities(verdict.prefers, t))] : []),
        ...missing,
      ];
    }
  }
}

/** What was found, in one line. */
export function sayFindings(findings: Findings, speech: FindingsSpeech): string {
  const { t } = speech;
  const say = t.findings;
  const time = speech.clock ?? clockShort;
  const names = (ids: string[]) => ids.map((id) => speech.criterionName(findings.kind, id));
  const parts = ((): (string | null)[] => {
    switch (findings.kind) {
      case 'stroke': {
        const points = Object.entries(findings.race) as [keyof typeof findings.race, number | null][];
        return [
          ...points.map(([item, n]) => `${say.race_short[item]} ${n ?? '–'}`),
          findings.last_known_well === null ? null : say.well_at(time(findings.last_known_well)),
        ];
      }
      case 'ecg': return [findings.is_stemi ? say.is_stemi : say.no_stemi, time(findings.recorded_at)];
      case 'injury': {
        const figures = { motor: findings.motor, breaths: findings.breaths, saturation: findings.saturation, systolic: findings.systolic, pulse: findings.pulse };
        const told = Object.entries(figures) as [keyof typeof figures, number | null][];
        return [...names(findings.criteria), ...told.map(([name, n]) => (n === null ? null : `${say.short[name]} ${n}`))];
      }
      case 'burn':
        return [
          findings.tbsa_percent === null ? null : say.tbsa_found(findings.tbsa_percent),
          findings.depth === null ? null : say.depths[findings.depth], ...names(findings.criteria),
        ];
      case 'obstetric': return [findings.weeks === null ? null : say.weeks_found(findings.weeks), ...names(findings.signs)];
      case 'child': {
        const sides = (['appearance', 'breathing', 'circulation'] as const).filter((side) => findings[side]);
        return sides.length > 0 ? sides.map((side) => `${say[side]} ${say.abnormal}`) : [say.all_normal];
      }
    }
  })();
  return list(parts.filter((part) => part !== null), speech);
}

/** The kind of findings that a judgement's file judges. */
export const kindOf = (judgement: Judgement, files: Destination[]): Findings['kind'] | undefined =>
  files.find(({ model }) => model === judgement.model)?.kind;
