import type { OptIn, Question } from './question.ts';

/** Setting up and cleaning, beside the questions. */
const otherRequests = 30;
/** What is announced is for a service that lags and refuses; one that does not takes this share of it. */
const usualShare = 0.35;
/** Spent waiting for things to settle, on the average of the questions. */
const waitSeconds = 13;

/** What is going to be done, for who decides about it. */
export function planText(
  questions: readonly Question[],
  optedIn: ReadonlySet<OptIn>,
  { host, requestsPerSecond }: { readonly host: string; readonly requestsPerSecond: number },
): string {
  const wanted = questions.filter(({ needs }) => needs === undefined || optedIn.has(needs));
  const requests = wanted.reduce((sum, question) => sum + question.requests + 1, otherRequests);
  const bytes = wanted.reduce((sum, { uploadBytes }) => sum + uploadBytes, 0);
  const usualMinutes = Math.ceil(
    (wanted.length * waitSeconds + (requests * usualShare) / requestsPerSecond) / 60,
  );
  const left = questions.filter(({ needs }) => needs !== undefined && !optedIn.has(needs));
  const lines = [
    `This asks the Disk at ${host} ${wanted.length} questions about how it behaves:`,
    ...wanted.map(({ id, title }) => `  ${id.padEnd(24)} ${title}`),
    '',
    'It will',
    '  make one folder, disk:/yadiskfs-probe-<date>-<random>, and work in it alone',
    `  send ${requests} requests at most, mostly about a third of that, never more than ${requestsPerSecond} in any second`,
    `  take about ${usualMinutes} minutes`,
    `  upload ${shownBytes(bytes)} of test data at most`,
    '  move a few of its own test files to the trash, and delete them there',
    '  let the Disk fetch one of its own download links, and an address that leads nowhere',
    ...optInLines(optedIn),
    '  delete the folder for good at the end, also after Ctrl-C or a failure',
    '',
    'It never',
    '  changes or deletes anything else, in the Disk, its trash or the account',
    ...(optedIn.has('public') ? [] : ['  publishes anything']),
    '  provokes a refusal for too many requests, fills the Disk, or uploads what virus scanners look for',
    '  reports names of your files, your token, or signed links (it reads the names in disk:/ to find what',
    '  earlier runs left, the order of the list of files, and the origins of what is in the trash)',
    ...(left.length > 0
      ? ['', `Not without being told to: ${left.map(({ id, needs }) => `${id} (--${needs})`).join(', ')}`]
      : []),
  ];
  return `${lines.join('\n')}\n`;
}

function optInLines(optedIn: ReadonlySet<OptIn>): string[] {
  const lines: Record<OptIn, string> = {
    large: '  upload large files of random bytes (--large)',
    public: '  publish one of its test files for some seconds, and withdraw it (--public)',
    shared:
      '  make and delete one folder in the shared folder that you named, if you may write there (--shared)',
    patient: '  then wait for links to expire: an hour more (--patient)',
    oauth:
      '  ask for login codes in the name of your application, wait for one to expire (5 minutes), and revoke the token that comes of it (--oauth)',
  };
  return [...optedIn].map((optIn) => lines[optIn]);
}

function shownBytes(bytes: number): string {
  return bytes < 10 << 20 ? `${Math.ceil(bytes / 1024)} KiB` : `${Math.ceil(bytes / 1024 ** 2)} MiB`;
}
