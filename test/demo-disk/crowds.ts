import type { EntryList } from './entries.ts';

/*
 * What tries a file system's patience: a folder with very many files, a very deep tree, and names that only just are names.
 */

export const crowdedFolder = 'Показания датчиков';
export const crowdedFiles = 1500;

/** One small file for each watch of six hours. */
export function addCrowd(list: EntryList): void {
  const start = Date.UTC(2025, 0, 1);
  for (let index = 0; index < crowdedFiles; index += 1) {
    const time = new Date(start + index * 6 * 3_600_000);
    const name = time.toISOString().slice(0, 13).replace('T', ' ');
    const degrees = (8 * Math.sin(index / 230) + 5 * Math.sin((index * Math.PI) / 2)).toFixed(1);
    list.file(`${crowdedFolder}/${name}.csv`, time, `time;celsius\n${time.toISOString()};${degrees}\n`);
  }
}

const deepFolders = 'src/main/java/org/example/weather/station/sensors/outdoor/wind/model'.split('/');

/** A program's sources, twelve folders deep, with a file on each floor. */
export function addDeepTree(list: EntryList): void {
  const modified = new Date('2023-04-04T04:04:04Z');
  let folder = 'Проекты';
  for (const [index, name] of ['метеостанция', ...deepFolders].entries()) {
    folder += `/${name}`;
    list.file(`${folder}/notes-${index + 1}.txt`, modified, `${index + 1} folders below «Проекты»\n`);
  }
  list.file(
    `${folder}/Anemometer.java`,
    modified,
    'package org.example.weather.station.sensors.outdoor.wind.model;\n\npublic record Anemometer(String name, double metresPerSecond) {}\n',
  );
}

/** Names that break careless programs. The last is a legal name on the Disk (200 letters) and too long for Linux. */
export const oddNames = [
  '🦊 лиса и 🐻 медведь.txt',
  '"кавычки" и \'апостроф\'.txt',
  'первая строка\nвторая строка.txt',
  ' пробел впереди.txt',
  'точка в конце.',
  '$(touch опасно) `и так`.txt',
  '-rf',
  'обратная \\ черта.txt',
  'ёлка одним знаком \u0451.txt',
  'ёлка двумя знаками \u0435\u0308.txt',
  'Регистр.txt',
  'регистр.txt',
  `${'длинное имя '.repeat(16)}конец.txt`,
] as const;

export function addOddNames(list: EntryList): void {
  for (const name of oddNames) {
    list.file(`Странные имена/${name}`, new Date('2021-12-31T20:59:59Z'), `${JSON.stringify(name)}\n`);
  }
}
