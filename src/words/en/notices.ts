/** Notifications of the desktop, by the mount itself. */
export const notices = {
  changedHereAndElsewhere: (count: number) =>
    `${count === 1 ? 'A file was' : `${count} files were`} changed here and elsewhere`,
  couldNotBeSent: (count: number) =>
    count === 1 ? 'A file could not be sent as it is' : `${count} files could not be sent as they are`,
  yours: (copy: string) => `yours is ${copy}`,
  more: (count: number) => `… and ${count} more.`,
  keptHere: 'All of it is kept on this machine: yadiskfs unsent list',
};
