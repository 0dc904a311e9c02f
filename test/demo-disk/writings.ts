import { openDocument, pdfDocument, wordDocument } from './documents.ts';
import type { EntryList } from './entries.ts';
import { wavMelody } from './melody.ts';

/** The text that the tour prints, and its place. */
export const toDoList = {
  path: 'Список дел.txt',
  text: [
    'Список дел на неделю',
    '',
    '[x] забрать фотографии из Карелии',
    '[x] оплатить квартиру (счёт в папке «Документы»)',
    '[ ] поменять резину до первого снега',
    '[ ] позвонить бабушке — у неё день рождения в среду',
    '[ ] дописать главу про озёра',
    '',
  ].join('\n'),
};

/** Documents, notes and a little music. */
export function addWritings(list: EntryList): void {
  list.file(toDoList.path, new Date('2026-09-14T07:45:12Z'), toDoList.text);
  list.file(
    'README.md',
    new Date('2024-01-02T10:00:00Z'),
    '# A Disk to look around in\n\nEverything here was made by a program, and comes over a slow wire: each request waits 50 ms.\n',
  );

  const papers = 'Документы';
  list.file(
    `${papers}/Договор аренды.docx`,
    new Date('2024-03-01T09:12:00Z'),
    wordDocument([
      'ДОГОВОР АРЕНДЫ № 17',
      'г. Петрозаводск, 1 марта 2024 г.',
      'Арендодатель передаёт, а арендатор принимает во временное пользование лодку.',
    ]),
  );
  list.file(
    `${papers}/Заметки о путешествии.odt`,
    new Date('2025-07-28T18:30:00Z'),
    openDocument([
      'Карелия, июль',
      'Первые два дня шёл дождь.',
      'На третий показалось солнце, и озеро стало синим.',
    ]),
  );
  list.file(
    `${papers}/Счета/invoice-2026-08.pdf`,
    new Date('2026-08-31T12:00:00Z'),
    pdfDocument([
      'Invoice 2026-08',
      '',
      'Flat rent, August       31 000',
      'Electricity (214 kWh)    1 284',
      'Total                   32 284',
    ]),
  );
  list.file(`${papers}/Счета/расходы 2026.csv`, new Date('2026-09-01T06:20:00Z'), expenses());
  list.file(`${papers}/Рецепты/Калитки.md`, new Date('2023-11-05T15:00:00Z'), recipe);
  list.folder(`${papers}/Пустая папка`, new Date('2026-01-10T10:00:00Z'));
  list.file(`${papers}/пустой файл`, new Date('2026-01-10T10:01:00Z'), '');
  list.file(
    'Для друзей/Приглашение.txt',
    new Date('2026-06-01T08:00:00Z'),
    'Приходите в субботу! Будут калитки и чай.\n',
    { state: 'published' },
  );
  list.file('Черновик письма.txt', new Date('2026-05-20T20:00:00Z'), 'Дорогая редакция, …\n', {
    state: 'trashed',
  });

  const scale = [3, 5, 7, 8, 10, 12, 14, 15];
  list.file(
    'Музыка/Гамма.wav',
    new Date('2022-02-11T11:11:11Z'),
    wavMelody([...scale, null, ...scale.toReversed()]),
  );
  list.file(
    'Музыка/Во поле берёза.wav',
    new Date('2022-02-12T12:12:12Z'),
    wavMelody([10, 10, 10, 10, 8, 7, null, 7, 5, 10, 10, 8, 7, null, 5, 3]),
  );
}

function expenses(): string {
  const kinds = ['квартира', 'еда', 'дорога', 'книги'];
  const rows = ['месяц;статья;рублей'];
  for (let month = 1; month <= 8; month += 1)
    kinds.forEach((kind, index) => {
      rows.push(`2026-${String(month).padStart(2, '0')};${kind};${[31_000, 18_400, 3_100, 1_250][index]}`);
    });
  return `${rows.join('\r\n')}\r\n`;
}

const recipe = `# Калитки

- ржаная мука, 300 г
- простокваша, 200 мл
- картофель, 500 г
- сливочное масло

1. Замесить тесто и раскатать тонкие круги.
2. Положить начинку, защипать края.
3. Печь 15 минут при 220 °C, смазать маслом.
`;
