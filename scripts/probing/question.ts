import type { Settings } from '../../test/stand-in/settings.ts';
import type { Bench } from './bench.ts';
import type { PromiseName } from './promises.ts';

/** Name of a behaviour of the stand-in that is a setting there. */
export type SettingName = keyof Settings;

/** Settings that are numbers; what is measured is one of them. */
export type MeasuredName = {
  [Name in SettingName]: Settings[Name] extends number ? Name : never;
}[SettingName];

/** What has to be asked for by an option, because it takes long, is large, or reaches beyond the scratch folder. */
export type OptIn = 'large' | 'public' | 'shared' | 'patient' | 'oauth';

/** One question to the live service: small, independent of all others. */
export interface Question {
  /** Short, kebab-case; `--only` and the report name it. */
  readonly id: string;
  /** The question in plain words. */
  readonly title: string;
  /** The settings of the stand-in that an answer decides; empty for what is only worth knowing. */
  readonly settings: readonly SettingName[];
  /** What of ours rests on the answer. */
  readonly promises: readonly PromiseName[];
  readonly needs?: OptIn;
  /** Requests that it makes at most; one more is refused by the bench. */
  readonly requests: number;
  /** Bytes that it uploads at most. */
  readonly uploadBytes: number;
  /** Asks, and notes each answer as soon as it is sure: what was found stays found if a later step fails. */
  ask(bench: Bench, answer: Answer): Promise<void>;
}

/** From `atLeast` to `atMost`, both possible; no `atMost` for "more than we waited". */
export interface Range {
  readonly atLeast: number;
  readonly atMost: number | null;
}

/** A value that a setting should have. */
export interface Finding {
  readonly setting: SettingName;
  readonly value: Settings[SettingName];
  /** For what was measured: the true value lies in it. */
  readonly range?: Range;
  readonly note?: string;
}

/** Why nothing can be said of a setting although it was asked for. */
export interface Unclear {
  readonly setting: SettingName;
  readonly reason: string;
}

/** What one question has found so far. */
export class Answer {
  readonly findings: Finding[] = [];
  readonly unclear: Unclear[] = [];
  readonly remarks: string[] = [];

  /** The setting should have this value. */
  is<Name extends SettingName>(setting: Name, value: Settings[Name], note?: string): void {
    this.findings.push({ setting, value, ...(note !== undefined && { note }) });
  }

  /** The setting was measured. What may be nothing is taken for nothing; else the middle of the range is proposed. */
  measured(setting: MeasuredName, range: Range, note?: string): void {
    const atLeast = Math.max(0, Math.floor(range.atLeast));
    const atMost = range.atMost === null ? null : Math.max(0, Math.ceil(range.atMost));
    const middle = atMost === null ? atLeast : Math.round((atLeast + atMost) / 2);
    const value = atLeast === 0 && atMost !== null ? 0 : middle;
    this.findings.push({ setting, value, range: { atLeast, atMost }, ...(note !== undefined && { note }) });
  }

  cannotTell(setting: SettingName, reason: string): void {
    this.unclear.push({ setting, reason });
  }

  /** Something that was seen, in plain words; for what no setting stands for. */
  say(remark: string): void {
    this.remarks.push(remark);
  }
}

/** `value` if it is one of those, for settings that take a few numbers only. */
export function oneOf<const T extends readonly unknown[]>(value: unknown, those: T): T[number] | undefined {
  return those.find((each) => each === value);
}
