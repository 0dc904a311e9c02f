import type { Words } from '../en.ts';
import { counted, files, form } from './counted.ts';

/** Notifications of the desktop. */
export const notices: Words['notices'] = {
  changedHereAndElsewhere: (count) =>
    count === 1
      ? 'файл изменили и здесь, и в другом месте'
      : `${counted(count, files)} ${form(count, ['изменён', 'изменены', 'изменены'])} и здесь, и в другом месте`,
  couldNotBeSent: (count) =>
    count === 1 ? 'не удалось отправить файл' : `не удалось отправить ${counted(count, files)}`,
  yours: (copy) => `ваш файл теперь ${copy}`,
  more: (count) => `… и ещё ${count}.`,
  keptHere: 'Всё сохранено на этом компьютере: yadiskfs unsent list',
};
