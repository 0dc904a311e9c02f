import type { Words } from '../en.ts';
import { counted, files as filesForms, form } from './counted.ts';
import { day, moment, size } from './sizes.ts';

/** What commands answer, and what they ask. */
export const answers: Words['answers'] = {
  folder: 'папка',
  accounts: {
    nobody: 'Никто не вошёл. Войти: `yadiskfs setup`.',
    usual: ' (если не назван другой)',
    notKnownYet: 'пока неизвестно: yadiskfs info',
    renewsBefore: (iso) => `продлится сам до ${day(iso)}`,
    renews: 'продлевается сам',
    endsOn: (iso) => `закончится ${day(iso)}`,
    readyToken: 'готовый токен, сам не продлевается',
    tokenIsSet: 'Задана переменная YADISKFS_TOKEN: этот токен используется везде, где не назван --account.',
    permissionsMended: (path) => `другие могли заглянуть в ${path}; права доступа исправлены`,
  },
  disk: {
    user: 'Пользователь',
    used: 'Занято',
    free: 'Свободно',
    trash: 'Корзина',
    largestFile: 'Предел файла',
    revision: 'Ревизия',
    part: (partBytes, wholeBytes, percent) => `${size(partBytes)} из ${size(wholeBytes)} (${percent} %)`,
    countsAsUsed: (trashBytes) => `${size(trashBytes)} (тоже занимает место)`,
  },
  logout: {
    withdrawn: (account) => `Вы вышли: вход «${account}» отозван в Яндексе и забыт здесь.`,
    forgotten: (account) => `Вход «${account}» забыт здесь, но Яндекс ещё помнит его токен.`,
    tokenStillSet: 'переменная YADISKFS_TOKEN всё ещё задана и используется.',
  },
  mount: {
    mounted: (mountpoint, pid) => `Диск подключён к ${mountpoint} (процесс ${pid})`,
    nothingKept:
      'на этом компьютере ничего не сохранить, и Диск подключён только для чтения; почему, скажет yadiskfs doctor.',
    here: (mountpoint) => `Диск подключён к ${mountpoint}. Ctrl-C его отключит.`,
  },
  cache: {
    stats: (usedBytes, limitBytes, files) =>
      `${size(usedBytes)}${limitBytes === null ? '' : ` из ${size(limitBytes)}`}, ${counted(files, filesForms)}`,
    freed: (bytes) => `освобождено ${size(bytes)}`,
    verified: (bytes, blocks, wrong) =>
      `${size(bytes)}, ${counted(blocks, ['блок', 'блока', 'блоков'])}, ${
        wrong === 0
          ? 'всё как было записано'
          : `${form(wrong, ['испорчен и убран', 'испорчены и убраны', 'испорчены и убраны'])}: ${wrong}`
      }`,
    nothing: 'Ничего не хранится.',
  },
  doctor: { good: 'хорошо ', warning: 'заметка', bad: 'ПЛОХО  ' },
  bundleWritten: (path) =>
    `Отчёт записан: ${path}. Прочтите его, прежде чем отдать: в нём могут быть имена файлов.`,
  noFiles: 'Файлов нет.',
  pause: { paused: 'Отправка приостановлена', resumed: 'Снова отправляется' },
  pin: {
    pinned: 'Закреплено; скачивается в фоне. Сколько уже здесь, скажет yadiskfs pins.',
    nothing: 'Ничего не закреплено.',
  },
  publish: {
    until: (iso) => `до ${moment(iso)}`,
    withPassword: 'с паролем',
    lookingOnly: 'только для просмотра',
    nothing: 'Ничего не открыто по ссылкам.',
    nothingOf: { file: 'Ни один файл не открыт по ссылке.', folder: 'Ни одна папка не открыта по ссылке.' },
    notAnyMore: (path) => `Ссылка закрыта: ${path}`,
    wasNot: (path) => `Ссылки и не было: ${path}`,
  },
  public: {
    entries: (count) => counted(count, ['объект', 'объекта', 'объектов']),
    of: (owner) => `, владелец: ${owner}`,
    got: (files) => counted(files, filesForms),
    thereBefore: (count) => `, уже были здесь: ${count}`,
    savedIn: (folder) => `Сохранено в папке: ${folder}`,
    savedAs: (path) => `Сохранено как ${path}`,
    folderForDownloads: 'папка для загрузок',
  },
  service: {
    written: (folder, unit) => `Записано в ${folder}. Запустить: systemctl --user enable --now '${unit}'`,
    mounted: (mountpoint, unit) =>
      `Диск подключён к ${mountpoint} и будет подключаться при каждом входе в систему (${unit})`,
    enabled: (mountpoint, unit) => `Диск будет подключаться к ${mountpoint} при каждом входе (${unit})`,
    needsLogin:
      'Никто ещё не вошёл: yadiskfs setup. Токен из переменной окружения для службы не сохраняется.',
    removed: (unit) => `Убрано: ${unit}`,
    notInstalled: (mountpoint, unit) => `Для ${mountpoint} ничего и не было установлено (${unit})`,
  },
  trash: {
    isEmpty: 'Корзина пуста.',
    wasEmpty: 'Корзина и так была пуста.',
    restored: (path) => `Возвращено: ${path}`,
    deleteQuestion: (what) => `Удалить навсегда: ${what}?`,
    deleted: (what) => `Удалено навсегда: ${what}`,
    sum: (things, bytes, hasFolders) =>
      `${counted(things, ['объект', 'объекта', 'объектов'])} (${size(bytes)}${hasFolders ? ' и то, что внутри папок' : ''})`,
  },
  unsent: {
    nothingForGood: 'Застрявшего нет; что ещё в пути, покажет yadiskfs status.',
    nothingToRetry: 'Отправлять заново нечего.',
    retried: (count) => `Будет отправлено заново: ${count}; что из этого вышло, покажет yadiskfs status.`,
    nothing: 'Неотправленного нет.',
    givenUp: (path) => `Изменения отменены: ${path}`,
  },
  output: { notWritten: (code) => `не удалось записать ответ (${code})` },
};
