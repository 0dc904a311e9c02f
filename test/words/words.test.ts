import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { en } from '../../src/words/en.ts';
import { languageOf } from '../../src/words/language.ts';
import { daemon } from '../../src/words/ru/failures/daemon.ts';
import { disk } from '../../src/words/ru/failures/disk.ts';
import { health } from '../../src/words/ru/failures/health.ts';
import { login } from '../../src/words/ru/failures/login.ts';
import { machine } from '../../src/words/ru/failures/machine.ts';
import { usage } from '../../src/words/ru/failures/usage.ts';
import { ru } from '../../src/words/ru.ts';
import { translated } from '../../src/words/words.ts';
import { englishLeft } from './english-left.ts';
import { englishSentences } from './english-sentences.ts';

const project = join(import.meta.dirname, '../..');

describe('the language', () => {
  it.each([
    [{}, 'en'],
    [{ LANG: 'ru_RU.UTF-8' }, 'ru'],
    [{ LANG: 'ru' }, 'ru'],
    [{ LANG: 'ru_UA.utf8@x' }, 'ru'],
    [{ LANG: 'rue_UA.UTF-8' }, 'en'],
    [{ LANG: 'de_DE.UTF-8' }, 'en'],
    [{ LANG: 'ru_RU.UTF-8', LC_MESSAGES: 'en_GB.UTF-8' }, 'en'],
    [{ LANG: 'en_GB.UTF-8', LC_MESSAGES: 'ru_RU.UTF-8' }, 'ru'],
    [{ LANG: 'ru_RU.UTF-8', LC_MESSAGES: 'ru_RU.UTF-8', LC_ALL: 'C' }, 'en'],
    [{ LANG: 'C.UTF-8', LC_ALL: 'ru_RU.UTF-8' }, 'ru'],
    [{ LANG: 'ru_RU.UTF-8', LC_ALL: '', LC_MESSAGES: '' }, 'ru'],
    // The list goes before the locale, unless that is the one of programs.
    [{ LANG: 'en_GB.UTF-8', LANGUAGE: 'ru:en' }, 'ru'],
    [{ LANG: 'ru_RU.UTF-8', LANGUAGE: 'en:ru' }, 'en'],
    [{ LANG: 'ru_RU.UTF-8', LANGUAGE: 'de:ru' }, 'ru'],
    [{ LANG: 'ru_RU.UTF-8', LANGUAGE: 'de' }, 'en'],
    [{ LANG: 'ru_RU.UTF-8', LANGUAGE: '' }, 'ru'],
    [{ LANG: 'C.UTF-8', LANGUAGE: 'ru' }, 'en'],
    [{ LC_ALL: 'POSIX', LANGUAGE: 'ru' }, 'en'],
    [{ LANGUAGE: 'ru' }, 'en'],
    // What could not be read is not written.
    [{ LANG: 'ru_RU.KOI8-R' }, 'en'],
    [{ LANG: 'ru_RU.UTF-8', LC_CTYPE: 'C.ISO-8859-1' }, 'en'],
  ])('of %o is %s', (environment, language) => {
    expect(languageOf(environment)).toBe(language);
  });
});

/** What functions of the catalogue are called with; strings are looked for in what comes. */
const queue = { uploads: 5, uploadBytes: 6 << 20, operations: 7 };
const here = { files: 5, filesHere: 3, bytes: 9 << 20, bytesHere: 8 << 20 };
const moment = '2026-11-26T13:08:09Z';
const samples: Readonly<Record<string, readonly unknown[]>> = {
  'help.whichLoginOr': ['«1»'],
  'help.setup.account': ['«1»'],
  'login.beginning': [
    { page: '«1»', platform: '«2»', redirectUri: '«3»', permissions: ['«4»', '«5»', '«6»'] },
  ],
  'login.waiting': ['4:59'],
  'login.tryingAgain': ['«1»'],
  'login.yesOrNo': [true],
  'login.otherPerson': ['«1»', '«2»'],
  'login.note': ['«1»'],
  'login.next': ['«1»'],
  'login.mountQuestion': ['«1»'],
  'login.openAndType': ['«1»', '«2»', 300],
  'login.storedIn': ['«1»'],
  'login.optionWasSeen': ['«1»'],
  'status.loginNeeded': ['«1»'],
  'status.queue': [queue],
  'status.unconfirmed': [5],
  'status.waiting': ['«1»', '«2»'],
  'status.waits': [5, '«1»'],
  'status.secondsMore': [5],
  'status.notBefore': [moment],
  'status.rate': [5 << 20],
  'status.part': [5 << 20, 6 << 20],
  'status.since': [moment],
  'status.yours': ['«1»'],
  'status.more': [5],
  'status.moreLines': [5],
  'status.limits': ['«1»', '«2»'],
  'status.pins': [5, '«1»'],
  'status.here': [here],
  'status.used': [5 << 20, 6 << 20],
  'status.inTrash': [5 << 20],
  'status.secondsAgo': [5],
  'status.moment': [moment],
  'status.revision': [5],
  'status.requests': [5, 6],
  'sending.sending': ['«1»', '«2»'],
  'sending.lookingAgain': [5],
  'sending.serverDownloads': ['«1»', 5],
  'sending.downloading': [{ filesDone: 5, files: 6, doneBytes: 7 << 20, sizeBytes: 8 << 20 }],
  'answers.accounts.renewsBefore': [moment],
  'answers.accounts.endsOn': [moment],
  'answers.accounts.permissionsMended': ['«1»'],
  'answers.disk.part': [5 << 20, 6 << 20, 50],
  'answers.disk.countsAsUsed': [5 << 20],
  'answers.logout.withdrawn': ['«1»'],
  'answers.logout.forgotten': ['«1»'],
  'answers.mount.mounted': ['«1»', 5],
  'answers.mount.here': ['«1»'],
  'answers.bundleWritten': ['«1»'],
  'answers.cache.stats': [5 << 20, 6 << 20, 7],
  'answers.cache.freed': [5 << 20],
  'answers.cache.verified': [5 << 20, 6, 7],
  'answers.publish.until': [moment],
  'answers.publish.notAnyMore': ['«1»'],
  'answers.publish.wasNot': ['«1»'],
  'answers.public.entries': [5],
  'answers.public.of': ['«1»'],
  'answers.public.got': [5],
  size: [5 << 20],
  'answers.public.thereBefore': [5],
  'answers.public.savedIn': ['«1»'],
  'answers.public.savedAs': ['«1»'],
  'answers.service.written': ['«1»', '«2»'],
  'answers.service.mounted': ['«1»', '«2»'],
  'answers.service.enabled': ['«1»', '«2»'],
  'answers.service.removed': ['«1»'],
  'answers.service.notInstalled': ['«1»', '«2»'],
  'answers.trash.restored': ['«1»'],
  'answers.trash.deleteQuestion': ['«1»'],
  'answers.trash.deleted': ['«1»'],
  'answers.trash.sum': [5, 6 << 20, true],
  'answers.unsent.retried': [5],
  'answers.unsent.givenUp': ['«1»'],
  'answers.output.notWritten': ['«1»'],
  'notices.changedHereAndElsewhere': [5],
  'notices.couldNotBeSent': [5],
  'notices.yours': ['«1»'],
  'notices.more': [5],
};

/** Every text of a catalogue by its place in it, functions called with their samples. */
function textsOf(catalogue: object, place = ''): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [key, value] of Object.entries(catalogue) as [string, unknown][]) {
    const at = place === '' ? key : `${place}.${key}`;
    if (typeof value === 'string') texts.set(at, value);
    else if (typeof value === 'object' && value !== null)
      for (const [inner, text] of textsOf(value, at)) texts.set(inner, text);
    else if (typeof value === 'function' && at !== 'sentence') {
      const given = samples[at];
      if (!given) throw new Error(`${at} has no sample in this test`);
      texts.set(at, String(value(...given)));
    }
  }
  return texts;
}

const [english, russian] = [textsOf(en), textsOf(ru)];
/** The same in both: what stands on a page of Yandex, and marks that are no words. */
const alike = new Set(['login.clientIdQuestion', 'status.yours']);

describe('the catalogues', () => {
  it('say the same things', () => {
    expect([...russian.keys()].sort()).toEqual([...english.keys()].sort());
  });

  it('name the same things in them', () => {
    const named = (text: string) => [
      ...(text.match(/«\d»/g) ?? []).sort(),
      ...(text.replaceAll(/(\d),(?=\d)/g, '$1.').match(/\d+/g) ?? []).sort(),
    ];
    for (const [place, text] of english) {
      expect([place, named(russian.get(place) ?? '')]).toEqual([place, named(text)]);
    }
  });

  it('leave nothing in the other language', () => {
    const sentences = /\b\p{Ll}{2,}\b/u;
    for (const [place, text] of english) {
      // What is on the page of Yandex is on it in Russian.
      expect([place, text.replace('Доступ к данным', '')]).toEqual([
        place,
        expect.not.stringMatching(/\p{Script=Cyrillic}/u),
      ]);
      const same = russian.get(place);
      expect([place, englishLeft(same ?? '')]).toEqual([place, '']);
      if (!alike.has(place) && sentences.test(text))
        expect([place, same]).toEqual([place, expect.stringMatching(/\p{Script=Cyrillic}/u)]);
    }
  });

  it('count as Russian does', () => {
    const counted = (uploads: number) => ru.status.queue({ uploads, uploadBytes: 1, operations: 0 });
    expect([1, 2, 5, 11, 12, 21, 22, 25, 101, 111].map(counted)).toEqual([
      '1 файл (1 байт)',
      '2 файла (1 байт)',
      '5 файлов (1 байт)',
      '11 файлов (1 байт)',
      '12 файлов (1 байт)',
      '21 файл (1 байт)',
      '22 файла (1 байт)',
      '25 файлов (1 байт)',
      '101 файл (1 байт)',
      '111 файлов (1 байт)',
    ]);
    expect(ru.status.queue({ uploads: 2, uploadBytes: 1536 << 10, operations: 3 })).toBe(
      '2 файла (1,5 МиБ) и 3 других изменения',
    );
    expect(ru.status.part(2, 1000)).toBe('2 байта из 1,0 КиБ');
  });
});

describe('what is said of failures', () => {
  const table = { ...usage, ...login, ...disk, ...daemon, ...machine, ...health };

  it('is said in Russian wherever a person may read it', async () => {
    const missing: string[] = [];
    for (const file of await sources()) {
      if (!isHeard(file)) continue;
      for (const text of await englishSentences(join(project, 'src', file))) {
        let count = 0;
        const filled = text.replaceAll('{}', () => `${900 + ++count}`);
        const said = ru.sentence(filled);
        const named = said.match(/\b90\d\b/g) ?? [];
        const isSaid = isCommand(text) ? said === filled || isRussian(said) : isRussian(said);
        if (!isSaid || named.length !== count) missing.push(`${file}: ${text} → ${said}`);
      }
    }
    expect(missing).toEqual([]);
  });

  it('is said nowhere else any more', async () => {
    const files = (await sources()).filter((file) => !file.startsWith('words/'));
    const shapes = await Promise.all(files.map((file) => englishSentences(join(project, 'src', file))));
    const known = new Set(shapes.flatMap((some) => [...some]));
    const paths = files.map((file) => join(project, 'src', file));
    for (const file of ['yargs/build/lib/validation.js', 'yargs-parser/build/lib/yargs-parser.js'])
      paths.push(join(project, 'node_modules', file));
    const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
    const all = texts.join('\n').replaceAll("\\'", "'");
    const dead = Object.keys(table).filter(
      (key) => !known.has(key) && !runs(key).some((run) => all.includes(run)),
    );
    expect(dead).toEqual([]);
  });

  it('names as many things as the English', () => {
    const wrong = Object.entries(table).filter(([english, russian]) => {
      const count = english.split('{}').length - 1;
      if (typeof russian === 'function') return russian.length > 0 && count === 0;
      const orders = [...russian.matchAll(/\{(\d)\*?\}/g)].map(([, order]) => Number(order));
      return orders.some((order) => order > count) || new Set(orders).size < count;
    });
    expect(wrong.map(([english]) => english)).toEqual([]);
  });

  it('keeps what it names, whatever that is', () => {
    for (const name of ['$&', '{1}', 'a\u202eb', '(x)', 'No Disk is mounted at y', '\\'])
      expect(ru.sentence(`No Disk is mounted at ${name}`)).toBe(`Диск не подключён к ${name}`);
    expect(ru.sentence('The Disk refused to move disk:/a to disk:/b: 404 NoError (said)')).toBe(
      'Диск отказался переместить disk:/a в disk:/b: 404 NoError (said)',
    );
    expect(ru.sentence('Something that nobody has translated')).toBe('Something that nobody has translated');
    expect(ru.sentence('x'.repeat(100_000))).toHaveLength(100_000);
  });

  it('holds sentences in sentences', () => {
    expect(
      ru.sentence(
        'Forgotten here, but not withdrawn at Yandex. No connection to oauth.yandex.ru (ENOTFOUND)',
      ),
    ).toBe('Здесь вход забыт, но в Яндексе не отозван. Нет связи с oauth.yandex.ru (ENOTFOUND)');
    const late = 'Not everything is on the server after 2.5 s';
    for (const [left, said] of [
      ['', ''],
      [': 2 files (3.0 MiB) and 1 other change left', ': осталось 2 файла (3,0 МиБ) и 1 другое изменение'],
      [': 1 file (2 bytes) left', ': осталось 1 файл (2 байта)'],
      [': 21 files (999 KiB) left', ': осталось 21 файл (999 КиБ)'],
      [
        ': 5 changes left, 1 sent change to be looked at once more',
        ': осталось 5 изменений, ещё раз проверить 1 отправленное изменение',
      ],
    ])
      expect(ru.sentence(`${late}${left}`)).toBe(`За 2,5 с на сервер попало не всё${said}`);
    expect(ru.sentence('21 blocks of the cache had changed on the local disk')).toMatch(/^21 блок кеша /);
    expect(ru.sentence('3 of 5 files could not be downloaded')).toBe('Не удалось скачать: 3 из 5 файлов');
  });

  it('stays English in English', () => {
    expect(translated('Nothing is mounted')).toBe('Nothing is mounted');
  });
});

async function sources(): Promise<string[]> {
  return (await readdir(join(project, 'src'), { recursive: true })).filter((name) => name.endsWith('.ts'));
}

/** Of operations in a mount programs hear a number, and the log the rest. */
function isHeard(file: string): boolean {
  if (file.startsWith('words/')) return false;
  return !file.startsWith('fs/') && !/^fuse\/[^/]*\.ts$/.test(file);
}

/** What a person can only type is the same in every language. */
function isCommand(text: string): boolean {
  if (text === 'systemctl --user {}: {}') return true;
  if (!/^(yadiskfs|sudo|systemctl|delete$|move$)/.test(text)) return false;
  return !/[.:] | (tells|shows|logs|mounts|lets)\b/.test(text);
}

function isRussian(text: string): boolean {
  return /\p{Script=Cyrillic}/u.test(text) && englishLeft(text) === '';
}

/** Three words that follow each other, or all there are: a source puts long sentences together from parts. */
function runs(key: string): string[] {
  return key.split('{}').flatMap((part) => {
    const some = part.split(' ').filter((word) => word !== '');
    if (some.length === 0) return [];
    if (some.length < 3) return /\p{L}{2}/u.test(part) ? [part.trim()] : [];
    return some.slice(2).map((_, index) => some.slice(index, index + 3).join(' '));
  });
}
