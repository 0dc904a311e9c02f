import type { Words } from '../en.ts';
import { counted, form } from './counted.ts';
import { size } from './sizes.ts';

/** Lines that say how far something is. */
export const sending: Words['sending'] = {
  sending: (queue, current) => `Отправляется: ${queue}${current}`,
  lookingAgain: (count) =>
    `Ещё раз ${form(count, ['проверяется', 'проверяются', 'проверяются'])} ${counted(count, ['отправленное изменение', 'отправленных изменения', 'отправленных изменений'])}`,
  everythingSent: 'Всё на сервере.',
  serverDownloads: (path, seconds) => `Сервер скачивает в ${path} … ${seconds} с`,
  downloading: ({ filesDone, files, doneBytes, sizeBytes }) =>
    `Скачано ${filesDone} из ${counted(files, ['файла', 'файлов', 'файлов'])}, ${size(doneBytes)} из ${size(sizeBytes)}`,
  saving: 'Сохраняется на ваш Диск …',
  emptyingTrash: 'Корзина очищается …',
};
