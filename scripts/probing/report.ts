import { completeSettings, type Settings } from '../../test/stand-in/settings.ts';
import type { NotAsked } from './catalogue.ts';
import { promises } from './promises.ts';
import type { Finding, Question, SettingName, Unclear } from './question.ts';
import type { Cleaning } from './scratch.ts';
import type { TooMany } from './sender.ts';

/** How one question went. */
export interface QuestionReport {
  readonly id: string;
  readonly title: string;
  readonly settings: readonly SettingName[];
  /** In plain words, what of ours rests on the answer. */
  readonly promises: readonly string[];
  readonly state: 'answered' | 'failed' | 'not asked';
  /** Why it failed, or was not asked. */
  readonly reason?: string;
  readonly findings: readonly Finding[];
  readonly unclear: readonly Unclear[];
  readonly remarks: readonly string[];
  readonly evidence: readonly string[];
  readonly requests: number;
}

export interface ProbeReport {
  readonly startedAt: string;
  readonly endedAt: string;
  readonly apiHost: string;
  /** False: stopped before the last question. */
  readonly complete: boolean;
  /** Why it was stopped. */
  readonly stopped?: string;
  readonly requests: number;
  readonly uploadedBytes: number;
  readonly tooMany: readonly TooMany[];
  readonly cleaning: Cleaning;
  readonly questions: readonly QuestionReport[];
  readonly neverAsked: readonly NotAsked[];
  /** What the stand-in should be started with to behave as this Disk did. */
  readonly settings: Partial<Settings>;
}

/** How a question is reported, with what was found so far. */
export function questionReport(
  question: Question,
  state: QuestionReport['state'],
  rest: Partial<
    Pick<QuestionReport, 'reason' | 'findings' | 'unclear' | 'remarks' | 'evidence' | 'requests'>
  >,
): QuestionReport {
  return {
    id: question.id,
    title: question.title,
    settings: question.settings,
    promises: question.promises.map((name) => promises[name]),
    state,
    findings: [],
    unclear: [],
    remarks: [],
    evidence: [],
    requests: 0,
    ...rest,
  };
}

/** The settings that were found. */
export function settingsOf(questions: readonly QuestionReport[]): Partial<Settings> {
  const findings = questions.flatMap((question) => question.findings);
  return Object.fromEntries(findings.map(({ setting, value }) => [setting, value]));
}

/** The report for people. */
export function reportText(report: ProbeReport): string {
  const lines = [
    `Asked ${report.apiHost} from ${report.startedAt} to ${report.endedAt}: ${report.requests} requests, ${report.uploadedBytes} bytes uploaded.`,
    ...(report.complete
      ? []
      : [
          `Stopped before the end: ${report.stopped ?? 'unknown why'}. What follows is what was found until then.`,
        ]),
    '',
    ...report.questions.filter(({ state }) => state !== 'not asked').flatMap(questionLines),
    'Not asked',
    ...report.questions
      .filter(({ state }) => state === 'not asked')
      .map(({ id, reason }) => `  ${id}: ${reason}`),
    ...report.neverAsked.map(({ title, reason, settings }) => `  ${title} (${reason})${named(settings)}`),
    '',
    'What rests on what',
    ...restingLines(report),
    '',
    tooManyLine(report),
    cleaningLine(report.cleaning),
    '',
    'For the stand-in, to behave as this Disk did:',
    `  --settings '${JSON.stringify(report.settings).replaceAll("'", "'\\''")}'`,
  ];
  return `${lines.join('\n')}\n`;
}

function questionLines(question: QuestionReport): string[] {
  return [
    `${question.id}: ${question.title}`,
    ...(question.state === 'failed' ? [`  could not be asked to its end: ${question.reason ?? ''}`] : []),
    ...question.findings.map((finding) => `  → ${findingLine(finding)}`),
    ...question.unclear.map(({ setting, reason }) => `  ? ${setting}: ${reason}`),
    ...question.remarks.map((remark) => `  · ${remark}`),
    ...question.evidence.map((line) => `      ${line}`),
    '',
  ];
}

const defaults = completeSettings();

function findingLine({ setting, value, range, note }: Finding): string {
  const shown = range
    ? range.atMost === null
      ? `more than ${range.atLeast}`
      : `${JSON.stringify(value)} (measured: ${range.atLeast} to ${range.atMost})`
    : JSON.stringify(value);
  const assumed = defaults[setting];
  const inRange =
    range &&
    typeof assumed === 'number' &&
    assumed >= range.atLeast &&
    assumed <= (range.atMost ?? Number.POSITIVE_INFINITY);
  const differs = !inRange && JSON.stringify(assumed) !== JSON.stringify(value);
  const surprise = differs ? `   (not what is assumed: ${JSON.stringify(assumed)})` : '';
  return `${setting} = ${shown}${note === undefined ? '' : `: ${note}`}${surprise}`;
}

/** One row for each question: what it asks, the settings that it decides, what rests on them. */
function restingLines({ questions }: ProbeReport): string[] {
  return questions.flatMap(({ id, settings, promises: resting }) => [
    `  ${id}: ${settings.join(', ') || 'no setting'}`,
    ...resting.map((promise) => `      ${promise}`),
  ]);
}

function named(settings: readonly string[]): string {
  return settings.length === 0 ? '' : ` [${settings.join(', ')}]`;
}

function tooManyLine({ tooMany }: ProbeReport): string {
  if (tooMany.length === 0) return 'No request was answered 429.';
  const [first] = tooMany;
  return `${tooMany.length} requests were answered 429, Retry-After ${first?.retryAfter ?? 'missing'}, at ${first?.requestsInLastSecond} requests in the second before.`;
}

function cleaningLine({ complete, trashItems, left }: Cleaning): string {
  if (complete) return `Cleaned: the scratch folder is gone, with ${trashItems} of its items in the trash.`;
  return `NOT cleaned: ${left ?? 'something'} is still there. scripts/probe --clean takes it away.`;
}
