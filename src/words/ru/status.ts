import type { Words } from '../en.ts';
import { counted, type Forms, files as filesForms } from './counted.ts';
import { moment, size } from './sizes.ts';

const changes: Forms = ['изменение', 'изменения', 'изменений'];
const otherChanges: Forms = ['другое изменение', 'других изменения', 'других изменений'];
const lines: Forms = ['строка', 'строки', 'строк'];
/** «2 из 3 файлов»: the genitive. */
const ofFiles: Forms = ['файла', 'файлов', 'файлов'];

/** How a mount stands. */
export const status: Words['status'] = {
  labels: {
    offline: 'Нет связи',
    toBeSent: 'К отправке',
    sent: 'Отправлено',
    sending: 'Уходит',
    waiting: 'Ждёт',
    unsent: 'Не ушло',
    conflicts: 'Конфликты',
    limits: 'Пределы',
    disk: 'Диск',
    cache: 'Кеш',
    pinned: 'Закреплено',
    checked: 'Проверено',
    requests: 'Запросы',
    process: 'Процесс',
  },
  states: {
    online: 'на связи',
    offline: 'НЕТ СВЯЗИ',
    paused: 'ПРИОСТАНОВЛЕН: yadiskfs resume',
  },
  loginNeeded: (command) => `НУЖНО ВОЙТИ: ${command}`,
  waitReasons: {
    'write-back': 'изменено только что (--write-back)',
    open: 'файл ещё открыт',
    retry: 'до новой попытки',
    turn: 'сначала другие',
  },
  waits: (count, why) => `${counted(count, changes)}: ${why}`,
  secondsMore: (seconds) => `ещё ${seconds} с`,
  notBefore: (iso) => `не раньше ${moment(iso)}`,
  noAnswer: 'НЕ ОТВЕЧАЕТ',
  nothingMounted: 'Ничего не подключено. Подключить Диск: `yadiskfs mount ПАПКА`.',
  queue: ({ uploads, uploadBytes, operations }) => {
    const files = uploads > 0 ? `${counted(uploads, filesForms)} (${size(uploadBytes)})` : '';
    const others = operations > 0 ? counted(operations, files ? otherChanges : changes) : '';
    return [files, others].filter((part) => part !== '').join(' и ') || 'ничего';
  },
  unconfirmed: (count) =>
    `ещё раз проверить ${counted(count, ['отправленное изменение', 'отправленных изменения', 'отправленных изменений'])}`,
  waiting: (root, queue) =>
    `${root} не подключён. До следующего подключения на этом компьютере хранится: ${queue}.`,
  rate: (bytesPerSecond) => `${size(bytesPerSecond)}/с`,
  part: (doneBytes, wholeBytes) => `${size(doneBytes)} из ${size(wholeBytes)}`,
  since: (iso) => `с ${moment(iso)}`,
  yours: (copy) => `ваш файл теперь ${copy}`,
  more: (count) => `… и ещё ${count}`,
  moreLines: (count) => `… и ещё ${counted(count, lines)}`,
  noLimit: 'без предела',
  limits: (up, down) => `на Диск: ${up}, с Диска: ${down}`,
  pins: (count, here) => `${counted(count, ['закрепление', 'закрепления', 'закреплений'])}: ${here}`,
  here: ({ files, filesHere, bytes, bytesHere }) => {
    if (filesHere === files && bytesHere === bytes)
      return `здесь всё: ${counted(files, filesForms)} (${size(bytes)})`;
    return `здесь ${filesHere} из ${counted(files, ofFiles)} (${size(bytesHere)} из ${size(bytes)})`;
  },
  pinStates: {
    complete: 'всё на месте',
    fetching: 'скачивается',
    waiting: 'ЖДЁТ',
    'no-room': 'НЕТ МЕСТА на этом компьютере',
    failed: 'НЕ ВСЁ удалось получить',
    gone: 'НЕТ: там больше ничего нет',
  },
  notKnownYet: 'пока неизвестно',
  used: (usedBytes, totalBytes) => `занято ${size(usedBytes)} из ${size(totalBytes)}`,
  inTrash: (trashBytes) =>
    `, из них ${size(trashBytes)} в корзине (её очищает yadiskfs trash empty, или здесь: https://disk.yandex.ru/client/trash)`,
  notYet: 'ещё нет',
  secondsAgo: (seconds) => `${seconds} с назад`,
  moment,
  revision: (revision) => `ревизия ${revision ?? 'неизвестна'}`,
  requests: (api, data) => `${api} к API, ${data} за содержимым`,
};
