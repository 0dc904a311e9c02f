import type { SentenceTable } from '../../sentences.ts';
import { counted, type Forms, files } from '../counted.ts';
import { withSizes } from '../sizes.ts';

const changes: Forms = ['изменение', 'изменения', 'изменений'];
const others: Forms = ['другое изменение', 'других изменения', 'других изменений'];
const sent: Forms = ['отправленное изменение', 'отправленных изменения', 'отправленных изменений'];

/** `: 2 files (3.0 MiB) and 1 other change left, 5 sent changes to be looked at once more` */
function leftInRussian(text: string): string {
  return withSizes(text)
    .replace(
      /(\d+) sent changes? to be looked at once more/,
      (_, count) => `ещё раз проверить ${counted(Number(count), sent)}`,
    )
    .replace(/(\d+) files?\b/, (_, count) => `осталось ${counted(Number(count), files)}`)
    .replace(/ and (\d+) other changes?/, (_, count) => ` и ${counted(Number(count), others)}`)
    .replace(/(\d+) changes? left/, (_, count) => `осталось ${counted(Number(count), changes)}`)
    .replace(' left', '');
}

/** Commands that were typed wrong, and what commands come to. */
export const usage: SentenceTable = {
  // yargs
  'Unknown argument: {}': 'Такого параметра нет: {1}',
  'Unknown arguments: {}': 'Таких параметров нет: {1}',
  'Unknown command: {}': 'Такой команды нет: {1}',
  'Unknown commands: {}': 'Таких команд нет: {1}',
  'Did you mean {}?': 'Может быть, {1}?',
  'Missing required argument: {}': 'Не хватает аргумента: {1}',
  'Missing required arguments: {}': 'Не хватает аргументов: {1}',
  'Invalid values:': 'Так нельзя:',
  'Argument: {}, Given: {}, Choices: {}': 'параметр {1}, набрано {2}, а можно {3}',
  'Something is missing: {}': 'Чего-то не хватает: {1}',
  '{} wants a value': 'После {1} нужно значение',
  '{} is empty: yadiskfs {}': 'Вместо {1} — пустая строка: yadiskfs {2}',
  'There is too much: {}': 'Есть лишнее: {1}',
  '{} must be one of {}, not "{}"': '{1}: можно {2}, а не «{3}»',
  // The command as a whole
  'Which command? See yadiskfs --help': 'Какая команда? Их показывает yadiskfs --help',
  'yadiskfs --help shows commands, yadiskfs COMMAND --help its options.':
    'Команды покажет yadiskfs --help, параметры — yadiskfs КОМАНДА --help.',
  'yadiskfs {} --help shows its options.': 'Параметры покажет yadiskfs {1} --help.',
  'Nobody is logged in yet': 'Никто ещё не вошёл',
  'yadiskfs setup does it, and yadiskfs --help shows what comes then.':
    'Войти: yadiskfs setup. Что дальше, покажет yadiskfs --help.',
  'stats, clear or verify?': 'stats, clear или verify?',
  'ls, get or save?': 'ls, get или save?',
  'install or remove?': 'install или remove?',
  'list, restore, remove or empty?': 'list, restore, remove или empty?',
  'list, retry, export or discard?': 'list, retry, export или discard?',
  'Given up': 'Прервано',
  'Given up: nobody waits any more': 'Прервано: этого больше никто не ждёт',
  // Values
  '{} must be {}': 'Для {1} {2*}',
  'between 10ms and 1d': 'нужно от 10ms до 1d',
  'at most 1d': 'нужно не больше 1d',
  'at most 4294967294': 'нужно не больше 4294967294',
  'between 100ms and 365d': 'нужно от 100ms до 365d',
  'between 1 and 32': 'нужно от 1 до 32',
  '{} must be a time such as 10s, 5m or 1h, not "{}"':
    '{1}: нужно время, например 10s, 5m или 1h, а не «{2}»',
  '{} must be a day such as 2026-12-31 or a time such as 7d, not "{}"':
    '{1}: нужен день, например 2026-12-31, или срок, например 7d, а не «{2}»',
  '{} must be a size such as 512M or 10G, not "{}"': '{1}: нужен размер, например 512M или 10G, а не «{2}»',
  '{} is less than a byte: "{}"': '{1}: меньше одного байта: «{2}»',
  '{} must be a whole number, not "{}"': '{1}: нужно целое число, а не «{2}»',
  '{} must be an octal mask such as 022, not "{}"': '{1}: нужна восьмеричная маска, например 022, а не «{2}»',
  '-o needs a list of options, such as -o read-only,umask=077':
    'После -o нужен список параметров, например -o read-only,umask=077',
  'No such mount option: {}': 'Такого параметра подключения нет: {1}',
  '--as is a name, not a path: {}': '--as — это имя, а не путь: {1}',
  '--until is over already: {}': '--until уже в прошлом: {1}',
  'The value of {} is not one word of Latin letters and digits':
    'Значение {1} — не одно слово из латинских букв и цифр',
  'The token is empty': 'Токен пуст',
  'This is not a token: a token is one word': 'Это не токен: токен — одно слово',
  'yadiskfs setup --token - reads it from the standard input.':
    'yadiskfs setup --token - читает его из стандартного ввода.',
  'The secret was to come from the standard input, which is a terminal':
    'Секрет нужно передать через стандартный ввод, а там терминал',
  'printf %s SECRET | yadiskfs …': 'printf %s СЕКРЕТ | yadiskfs …',
  // What it came to
  '{} of the cache had changed on the local disk': (blocks = '') =>
    `${counted(Number.parseInt(blocks, 10), ['блок', 'блока', 'блоков'])} кеша на диске этого компьютера: испорчено`,
  'They are dropped, and fetched again when they are read. Is that disk all right?':
    'Они убраны и при чтении скачаются снова. Всё ли в порядке с этим диском?',
  'Not everything is on the server after {} s{}': (seconds = '', left = '') =>
    `За ${seconds.replace('.', ',')} с на сервер попало не всё${leftInRussian(left)}`,
  'It goes on being sent. yadiskfs status tells how far it is, and what could not be sent.':
    'Отправка продолжается. Как идут дела и что не ушло, покажет yadiskfs status.',
  '{} of {} files could not be downloaded': (failed = '', all = '') =>
    `Не удалось скачать: ${failed} из ${counted(Number(all), ['файла', 'файлов', 'файлов'])}`,
  'The Disk has nothing at {}': 'На Диске этого нет: {1}',
  'Names are as the Disk has them, upper and lower case included; yadiskfs files lists all files.':
    'Имена — как на Диске, вплоть до больших и малых букв; все файлы перечислит yadiskfs files.',
  'There is no folder {}': 'Нет папки {1}',
  'Make it first.': 'Сначала создайте её.',
  'The server has not downloaded it after {}': 'Сервер не успел скачать за {1}',
  'Given up waiting for the server, which downloads it': 'Больше не ждём; Диск скачивает дальше',
  'It goes on with it. Look at the Disk before asking again.':
    'Он продолжает. Прежде чем просить снова, посмотрите на Диск.',
  'What is deleted from the trash cannot be brought back': 'Удалённое из корзины вернуть нельзя',
  '--yes says that it is meant.': 'Если вы уверены, добавьте --yes.',
  'Nothing was deleted': 'Ничего не удалено',
  'Choose a folder outside the mounts, not {}': 'Выберите папку вне подключённых Дисков, а не {1}',
  'There are several Disks: which one?': 'Дисков несколько: какой из них?',
  'Name it with --from DIR, or --from disk:/… where it is not mounted; yadiskfs status tells what there is.':
    'Назовите его: --from ПАПКА, а если он не подключён, --from disk:/…; что есть, покажет yadiskfs status.',
  'Not all bytes are on this machine: {}': 'На этом компьютере есть не всё содержимое: {1}',
  'They hold what was written here, and zeros for the rest. Mount the Disk, and export again.':
    'В них то, что записано здесь, а на месте остального нули. Подключите Диск и повторите.',
  'Name one file or folder in the mount: all at once is not given up':
    'Назовите один файл или папку: отказаться сразу от всего нельзя',
  'yadiskfs unsent list shows them.': 'Их покажет yadiskfs unsent list.',
  '{} is kept here for several mounts': '{1} хранится здесь для нескольких Дисков',
  'Only root can mount for another: {}': 'Подключить Диск за другого может только root: {1}',
  'There is no user {}': 'Нет пользователя {1}',
  'setuid=NAME mounts as somebody.': 'setuid=ИМЯ подключает Диск от имени этого пользователя.',
  'No such option: {}': 'Нет такого параметра: {1}',
  'No such option:': 'Нет такого параметра:',
  'mount -t yadiskfs yandex DIR -o OPTIONS; yadiskfs mount --help lists the options.':
    'mount -t yadiskfs yandex ПАПКА -o ПАРАМЕТРЫ; все параметры перечислит yadiskfs mount --help.',
  'A source and a folder to mount on are needed': 'Нужны источник и папка, куда подключить Диск',
  'A mounted Disk cannot be given other options': 'Подключённому Диску нельзя дать другие параметры',
  "Unmount it first: umount '{}'": "Сначала отключите его: umount '{1}'",
  'a port: at most 65535, or 0 for one that is free':
    'нужен порт: не больше 65535, или 0, чтобы взять свободный',
  'The defaults cannot be read ({})': 'Не удалось прочитать значения по умолчанию ({1})',
  'The defaults are of a newer version: {}': 'Значения по умолчанию записаны более новой версией: {1}',
  'Use the version of yadiskfs that has written them.': 'Возьмите ту версию yadiskfs, которая их записала.',
  'The defaults are not JSON with options by name: {}':
    'Значения по умолчанию — не JSON с параметрами по именам: {1}',
  'No such mount option in {}: {}': 'В {1} нет такого параметра подключения: {2}',
  'Mend it, or take it away. docs/configuration.md shows one.':
    'Исправьте файл или уберите его. Пример есть в docs/configuration.md.',
};
