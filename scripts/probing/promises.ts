/** What the drive promises or relies on, as far as it rests on how the service behaves. */
export const promises = {
  'same-file-after-replacing':
    'A file that is replaced stays the same file here: its number (st_ino), its pin, its place in the list of nodes',
  'dates-and-modes-survive':
    'Dates, modes and the properties of other programs are set again after every upload and copy; if they survived, that request could be saved',
  'links-survive': 'A published file that is saved again, or renamed, keeps its public link',
  'created-is-kept': 'The date of creation that is shown does not jump when a file is saved',
  'rename-is-no-new-file':
    'A rename made elsewhere is seen as one: same node, pins and cached blocks, nothing is fetched again',
  'rename-keeps-dates': 'A rename here or elsewhere leaves dates and modes as they were',
  'cheap-poll': 'One small request for the revision of the Disk tells whether anything changed anywhere',
  'fresh-within-15s': 'A change made elsewhere shows here within 15 s',
  'listing-is-complete':
    'A listing is complete and consistent: nothing missing or doubled, whatever changed meanwhile',
  'folder-skipping': 'Whether a folder whose own revision did not move may be taken for unchanged',
  'own-lag-is-no-news':
    "For some minutes after a change of ours, a 404 or the old version is lag and not somebody's deletion",
  'mtime-reaches-server': 'Dates set by cp -p, rsync and tar are stored at the server and stay there',
  'whole-or-not-at-all':
    'A file appears on the server whole or not at all; half a body never takes its place',
  'nobody-overwritten': "Nobody's work is overwritten unseen: new names go up with overwrite=false",
  'held-last-bytes': 'The last bytes of an upload are held back until the server was looked at once more',
  'retry-without-doubt': 'After a lost reply the server is looked at before anything is sent again',
  'large-uploads': 'A large file that was interrupted need not go up from its beginning',
  'upload-speed':
    'Uploads are as fast as the line; --neutral-upload-names is there for types that are slowed',
  'limits-are-told': 'Over the largest file or the quota: EFBIG or ENOSPC when it is met, not later',
  'one-version': 'An open file is one version from open to close; bytes of two versions are never mixed',
  'parts-on-demand': 'Only those parts of a file come down that are read',
  'kept-links': 'Download links are kept and used again for many ranges, until they expire or fail',
  'empty-files': 'Empty files are files: written, listed, read',
  previews: 'Previews are fetched without the token',
  'folder-as-zip': "A folder of one's own can be had in one download",
  'names-as-they-are':
    'Names come and go exactly as the server has them; a name that it spells otherwise is noticed',
  'twin-names': 'Two names that differ only by case or by composition are two files, as in Linux',
  'long-names':
    'A name that Linux can hold can be saved; one that the server refuses is told as ENAMETOOLONG',
  'xattr-room':
    'User xattrs, modes and dates share one room of properties; over it: E2BIG or ENOSPC, told at once',
  'rename-over': 'Renaming over a file replaces it in one request, and the name is never missing in between',
  'folders-are-not-replaced': 'A folder is never the target of a move with overwrite=true',
  'server-side-copy': 'A copy of known content is made by the server, without an upload',
  'delete-is-one-request': 'Deleting a file or a tree is one request',
  'delete-what-was-seen': 'What is deleted is what was looked at; md5= is only a second guard',
  'operations-are-waited-for': 'A change that takes time is waited for before anything is done beneath it',
  'locked-is-retried': '423 that is a lock is tried again, in a rhythm that fits its usual length',
  'trash-restore': 'A mistaken rm is undone with `trash restore`, with the dates that it had',
  'save-url': '`save-url` says where the file is and never writes over another',
  polite: 'The API host sees no more requests than it wants, and 429 is heeded',
  login: '`setup` explains each end of the login: refused, expired, asked too often',
  'login-lasts': 'Tokens are renewed by themselves and never lost',
  'shared-folders': 'Folders shared by others are refreshed by time-out, whatever the revision says',
} as const;

export type PromiseName = keyof typeof promises;
