/** What the Disk makes of a file's name: it does not look inside, and ignores what a client claims. */
export interface MediaKind {
  readonly mimeType: string;
  readonly mediaType: string;
}

const kinds: ReadonlyArray<readonly [mediaType: string, mimeTypes: Readonly<Record<string, string>>]> = [
  [
    'image',
    {
      jpg: 'image/jpeg',
      jpeg: 'image/jpeg',
      png: 'image/png',
      gif: 'image/gif',
      webp: 'image/webp',
      heic: 'image/heic',
      bmp: 'image/bmp',
      svg: 'image/svg+xml',
      tif: 'image/tiff',
      tiff: 'image/tiff',
    },
  ],
  [
    'video',
    {
      mp4: 'video/mp4',
      mov: 'video/quicktime',
      avi: 'video/x-msvideo',
      mkv: 'video/x-matroska',
      webm: 'video/webm',
      m4v: 'video/mp4',
      mpg: 'video/mpeg',
      wmv: 'video/x-ms-wmv',
    },
  ],
  [
    'audio',
    {
      mp3: 'audio/mpeg',
      flac: 'audio/x-flac',
      ogg: 'audio/ogg',
      wav: 'audio/x-wav',
      m4a: 'audio/mp4',
      opus: 'audio/ogg',
    },
  ],
  [
    'document',
    {
      txt: 'text/plain',
      md: 'text/markdown',
      pdf: 'application/pdf',
      rtf: 'text/rtf',
      doc: 'application/msword',
      docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
      odt: 'application/vnd.oasis.opendocument.text',
      ppt: 'application/vnd.ms-powerpoint',
      pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
    },
  ],
  [
    'spreadsheet',
    {
      xls: 'application/vnd.ms-excel',
      xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      ods: 'application/vnd.oasis.opendocument.spreadsheet',
      csv: 'text/csv',
    },
  ],
  [
    'compressed',
    {
      zip: 'application/zip',
      gz: 'application/gzip',
      tgz: 'application/gzip',
      bz2: 'application/x-bzip2',
      xz: 'application/x-xz',
      '7z': 'application/x-7z-compressed',
      rar: 'application/x-rar-compressed',
      tar: 'application/x-tar',
      zst: 'application/zstd',
    },
  ],
  ['book', { epub: 'application/epub+zip', fb2: 'application/x-fictionbook+xml', djvu: 'image/vnd.djvu' }],
  [
    'development',
    {
      c: 'text/x-c',
      h: 'text/x-c',
      cpp: 'text/x-c++',
      py: 'text/x-python',
      js: 'application/javascript',
      ts: 'text/plain',
      java: 'text/x-java',
      sh: 'application/x-sh',
      go: 'text/plain',
      rs: 'text/plain',
    },
  ],
  ['web', { html: 'text/html', htm: 'text/html', css: 'text/css' }],
  ['text', { vb: 'text/plain', log: 'text/plain', ini: 'text/plain', json: 'application/json' }],
  ['settings', { conf: 'text/plain', cfg: 'text/plain' }],
  ['font', { ttf: 'application/x-font-ttf', otf: 'application/x-font-otf', woff: 'application/font-woff' }],
  [
    'executable',
    {
      exe: 'application/x-dosexec',
      msi: 'application/x-msi',
      apk: 'application/vnd.android.package-archive',
    },
  ],
  [
    'diskimage',
    {
      iso: 'application/x-iso9660-image',
      img: 'application/octet-stream',
      dmg: 'application/x-apple-diskimage',
    },
  ],
  ['flash', { swf: 'application/x-shockwave-flash' }],
  ['backup', { bak: 'application/octet-stream', old: 'application/octet-stream' }],
  [
    'data',
    {
      bin: 'application/octet-stream',
      dat: 'application/octet-stream',
      db: 'application/octet-stream',
      sqlite: 'application/x-sqlite3',
    },
  ],
];

const byExtension = new Map<string, MediaKind>(
  kinds.flatMap(([mediaType, mimeTypes]) =>
    Object.entries(mimeTypes).map(([extension, mimeType]) => [extension, { mimeType, mediaType }] as const),
  ),
);

/** Recorded: `.txt` is a document, `.vb` text, `.zip` compressed, no extension data. */
const unknownKind: MediaKind = { mimeType: 'application/octet-stream', mediaType: 'data' };
const makefileKind: MediaKind = { mimeType: 'text/x-makefile', mediaType: 'unknown' };

/** The kind that goes with a name. */
export function mediaKind(name: string): MediaKind {
  if (/^makefile$/i.test(name)) return makefileKind;
  const dot = name.lastIndexOf('.');
  if (dot < 0) return unknownKind;
  return byExtension.get(name.slice(dot + 1).toLowerCase()) ?? unknownKind;
}
