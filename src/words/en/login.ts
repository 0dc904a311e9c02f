interface Guide {
  readonly page: string;
  readonly platform: string;
  readonly redirectUri: string;
  readonly permissions: readonly [string, string, string];
}

/** `setup` at a terminal, and where nobody sits at one. */
export const login = {
  /** The page of Yandex is in Russian, whoever reads it. */
  beginning: ({ page, platform, redirectUri, permissions }: Guide) => `
yadiskfs needs an app of your own at Yandex; making one is free and quick:

  1. Open ${page} and log in.
  2. Name: anything, such as yadiskfs. Platform: "${platform}" (web services),
     Redirect URI: ${redirectUri}
  3. Permissions ("Доступ к данным"): type cloud_api:disk and tick
       ${permissions[0]}    information about the Disk
       ${permissions[1]}    reading the whole Disk
       ${permissions[2]}   writing anywhere on the Disk
  4. Create it. Its page then shows a ClientID and a Client secret.

`,
  clientIdQuestion: 'ClientID: ',
  secretQuestion: 'Client secret (not shown): ',
  tokenQuestion: 'Token (not shown): ',
  sameAsId: 'That is the ClientID once more; the Client secret stands below it.',
  oneWord: {
    clientId: 'The ClientID is one word of Latin letters and digits.',
    secret: 'The Client secret is one word of Latin letters and digits.',
    token: 'The token is one word of Latin letters and digits.',
  },
  openPage: '1. Open this page on a phone or computer:',
  typeCode: '2. Type this code there:',
  browserOpens: '(The page should open in your browser by itself.)',
  waiting: (clock: string) => `Waiting for you: ${clock} left. Ctrl-C gives up.`,
  tryingAgain: (problem: string) => `${problem}; trying again.`,
  expiredQuestion: 'The code is not valid any more. Get a new one?',
  deniedQuestion: 'Get a new code and try again?',
  againQuestion: 'Try again?',
  /** `usual` is what Enter alone says. */
  yesOrNo: (usual: boolean): string => (usual ? '[Y/n]' : '[y/N]'),
  otherPerson: (stored: string, fresh: string) =>
    `Under this name ${stored} is logged in; you have logged in as ${fresh}.`,
  mountsStop: 'Mounts that run with the old login stop working. (--account NAME keeps both.)',
  replaceQuestion: 'Replace the old login?',
  note: (text: string) => `Note: ${text}`,
  loggedIn: 'Logged in.',
  next: (command: string) => `Next:  ${command}`,
  mountQuestion: (folder: string) => `Mount the Disk at ${folder} now?`,
  serviceQuestion: 'And at each login from now on?',
  openAndType: (page: string, code: string, seconds: number) =>
    `Open ${page} and type the code ${code} there, within ${seconds} s.`,
  hereIsNewCode: 'The code is not valid any more. Here is a new one.',
  storedIn: (path: string) => `Stored in ${path}`,
  tokenGoesBefore: 'YADISKFS_TOKEN is set, and goes before the login that was just stored.',
  optionWasSeen: (option: string) =>
    `what follows ${option} stood in the list of processes for a moment, and may stay in the history of your shell.`,
};
