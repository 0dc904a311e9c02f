import type { SentenceTable } from '../../sentences.ts';
import { counted } from '../counted.ts';

const kept = 'её очищает yadiskfs trash empty, или здесь: https://disk.yandex.ru/client/trash';

/** Mounting, mounts, and what commands do with them. */
export const daemon: SentenceTable = {
  'The runtime folder is not a folder of yours: {}': 'Это не ваша папка: {1}',
  'Take it away, or set YADISKFS_RUNTIME_DIR to another one.':
    'Уберите её или задайте другую в YADISKFS_RUNTIME_DIR.',
  'Cannot start a process in the background': 'Не удалось запустить процесс в фоне',
  'The process in the background ended without a word ({})':
    'Процесс в фоне кончился, ничего не сказав ({1})',
  'The mount at {} cannot be spoken to: it has no socket': 'С Диском в {1} не поговорить: у него нет сокета',
  'Its log says why.': 'Почему, написано в его журнале.',
  'The answer of the mount at {} makes no sense': 'Диск в {1} ответил непонятно',
  'It may be of another version: unmount, and mount again.':
    'Возможно, это другая версия: отключите Диск и подключите снова.',
  'The mount answers in a way that makes no sense': 'Подключённый Диск отвечает непонятно',
  'The answer of the mount is too long': 'Ответ подключённого Диска слишком длинный',
  'The mount at {} cannot be spoken to ({})': 'С Диском в {1} не поговорить ({2})',
  'The process that served {} ({}) is gone': 'Процесса, который обслуживал {1} ({2}), больше нет',
  "Mount it again; what was not sent yet is sent then. yadiskfs umount '{}' takes the dead mount away.":
    "Подключите Диск снова, и неотправленное уйдёт. Убрать мёртвое подключение: yadiskfs umount '{1}'.",
  'The process that serves {} ({}) does not answer': 'Процесс, который обслуживает {1} ({2}), не отвечает',
  "Its log may say why. yadiskfs umount --force '{}' takes it away, and kill {} ends its process; the next mount sends what was not sent yet.":
    "Почему, может быть написано в его журнале. Отключить силой: yadiskfs umount --force '{1}', закончить процесс: kill {2}; неотправленное уйдёт при следующем подключении.",
  'The process that serves {} ({}) is stopped': 'Процесс, который обслуживает {1} ({2}), остановлен',
  'Ctrl-Z or a signal has stopped it. kill -CONT {} lets it go on.':
    'Его остановили Ctrl-Z или сигнал. Продолжить: kill -CONT {1}.',
  'The process that served {} ({}) ended before it answered':
    'Процесс, который обслуживал {1} ({2}), кончился, не ответив',
  'Its log may say why. Mount it again; what was not sent yet is sent then.':
    'Почему, может быть написано в его журнале. Подключите Диск снова, и неотправленное уйдёт.',
  'Something went wrong: {}': 'Что-то пошло не так: {1*}',
  'The mount has ended': 'Диск отключён',
  'The mount is ending': 'Диск отключается',
  'The command that asked has gone': 'Команды, которая спрашивала, больше нет',
  'The request is too long': 'Запрос слишком длинный',
  'The mount is served by yadiskfs {}, which does not understand this':
    'Диск обслуживает yadiskfs {1}, а он этого не понимает',
  'Unmount, and mount again with the version that is installed now.':
    'Отключите Диск и подключите снова, уже нынешней версией.',
  'Not a request: {}': 'Это не запрос: {1}',
  'Not a request': 'Это не запрос',
  'The Disk knows no kind of file "{}"': 'Такого вида файлов Диск не знает: «{1}»',
  'It knows {}.': 'Он знает такие: {1}.',
  "The mount at {} is of another person's Disk": 'В {1} подключён Диск другого человека',
  'This login is not the one that it is mounted with ({}). Name that with --account.':
    'Он подключён под другим именем ({1}). Назовите его: --account.',
  '{} does not allow --allow-other to ordinary users': '{1} не разрешает --allow-other обычным пользователям',
  'Root can allow it to all: {}': 'Root может разрешить это всем: {1}',
  'Cannot mount: {}': 'Не удалось подключить: {1*}',
  'Cannot unmount: {}': 'Не удалось отключить: {1*}',
  "fusermount3 -u -z '{}' takes it away by force.": "Отключить силой: fusermount3 -u -z '{1}'.",
  'Nothing is unsent at {}': 'Здесь нет неотправленного: {1}',
  'Something that is no folder is in the way: {}': 'Мешает то, что не папка: {1}',
  'What came is not what the Disk describes: {}': 'Пришло не то, что описывает Диск: {1}',
  'Cannot be written ({}): {}': 'Не удалось записать ({1}): {2}',
  'No answer in {} s': 'Ответа нет уже {1} с',
  'No answer from {} in {} s': '{1} не отвечает уже {2} с',
  'Its bytes on this machine cannot be read': 'Его содержимое на этом компьютере не прочитать',
  'Its bytes on this machine cannot be read: {}': 'Его содержимое на этом компьютере не прочитать: {1*}',
  'The machine was switched off before it was safe here': 'Компьютер выключили раньше, чем файл сохранился',
  'The program or the machine ended before it was closed':
    'Программа или компьютер выключились раньше, чем файл закрыли',
  'The state folder cannot be made: {}': 'Не удалось создать папку состояния: {1}',
  'Name another one in YADISKFS_STATE_DIR.': 'Задайте другую в YADISKFS_STATE_DIR.',
  'The state folder cannot be written to: {}': 'В папку состояния нельзя писать: {1}',
  "{} of this person's Disk is mounted already: {}": '{1} этого Диска уже подключена: {2*}',
  'Use that mount, or end it with yadiskfs umount. With another YADISKFS_STATE_DIR it can be mounted a second time.':
    'Работайте там или отключите её: yadiskfs umount. С другой YADISKFS_STATE_DIR можно подключить и второй раз.',
  "Use the mount at {}, or end it: yadiskfs umount '{}'. With another YADISKFS_STATE_DIR it can be mounted a second time.":
    "Работайте в {1} или отключите её: yadiskfs umount '{2}'. С другой YADISKFS_STATE_DIR можно подключить и второй раз.",
  'If it does not end within a minute: kill -KILL {}. What was not sent yet is kept, and the next mount sends it.':
    'Если не кончится за минуту: kill -KILL {1}. Неотправленное сохранится и уйдёт при следующем подключении.',
  'The state folder was written by a newer yadiskfs ({})':
    'Папку состояния записал более новый yadiskfs ({1})',
  'Install the newer one again. Nothing was changed.': 'Установите снова новый. Ничего не изменено.',
  'The state folder is about something else: {}': 'Папка состояния — о чём-то другом: {1}',
  'Move the folder away; it is made anew.': 'Уберите папку в сторону, она создастся заново.',
  'Damaged: {}': 'Испорчено: {1}',
  'Cannot be written: {}': 'Не удалось записать: {1}',
  'The log cannot be written: {}': 'Журнал не записать: {1}',
  'Choose a folder outside the mount, not {}': 'Выберите папку вне подключённого Диска, а не {1}',
  'Nothing is ever sent from {}: it is for reading only':
    'Из {1} ничего не отправляется: он только для чтения',
  'The folder to mount on does not exist: {}': 'Нет папки, к которой подключать: {1}',
  "Make it first: mkdir -p '{}'": "Сначала создайте её: mkdir -p '{1}'",
  'A dead mount of another program ({}) is at {}':
    'В {2} осталось мёртвое подключение другой программы ({1})',
  "Take it away: fusermount3 -u -z '{}'": "Уберите его: fusermount3 -u -z '{1}'",
  'A Disk is mounted at {} already': 'К {1} Диск уже подключён',
  "yadiskfs umount '{}' ends it.": "Отключить: yadiskfs umount '{1}'.",
  'The folder is not empty: {}': 'Папка не пуста: {1}',
  'What is in it would be hidden while the Disk is mounted. Choose an empty folder, or make a new one.':
    'Пока Диск подключён, того, что в ней, не было бы видно. Выберите пустую папку или создайте новую.',
  'Not a folder: {}': 'Это не папка: {1}',
  'A Disk is mounted on an empty folder.': 'Диск подключают к пустой папке.',
  'The folder to mount on cannot be used ({}): {}': 'К этой папке не подключить ({1}): {2}',
  'Nothing can be kept on this machine': 'На этом компьютере ничего не сохранить',
  'The state folder cannot be written to; the log of the mount says why.':
    'В папку состояния нельзя писать; почему, написано в журнале.',
  'Nothing is mounted': 'Ничего не подключено',
  'yadiskfs mount DIR': 'yadiskfs mount ПАПКА',
  'yadiskfs mount DIR mounts the Disk.': 'Подключить Диск: yadiskfs mount ПАПКА.',
  '{} is mounted at {} and at {}': '{1} подключено и к {2}, и к {3}',
  'Name the path in the mount that you mean.': 'Назовите путь на том Диске, который имеете в виду.',
  'Name the path in the mount that you mean, or the login with --account.':
    'Назовите путь на том Диске, который имеете в виду, или вход: --account.',
  'The Disk at {} is mounted with another login ({})': 'Диск в {1} подключён под другим именем ({2})',
  'Leave out --account: the path says which mount is meant.':
    'Уберите --account: из пути и так ясно, какой Диск имеется в виду.',
  'Nothing is mounted with the login {}': 'Под именем {1} ничего не подключено',
  'No mount shows {}': '{1} нет ни на одном подключённом Диске',
  'yadiskfs status tells what is mounted.': 'Что подключено, покажет yadiskfs status.',
  'No Disk is mounted at {}': 'Диск не подключён к {1}',
  'Nothing is mounted: yadiskfs mount DIR mounts the Disk.':
    'Ничего не подключено. Подключить Диск: yadiskfs mount ПАПКА.',
  'The Disk at {} is not served by a mount of yours': 'Диск в {1} подключили не вы',
  'It belongs to another user, or was mounted with another YADISKFS_RUNTIME_DIR.':
    'Он принадлежит другому пользователю или подключён с другой YADISKFS_RUNTIME_DIR.',
  'yadiskfs mount DIR mounts the Disk. {}.': 'Подключить Диск: yadiskfs mount ПАПКА. {1*}.',
  'The Disk tells no size of {}': 'Диск не говорит, какого размера {1}',
  'Another file is there already: {}': 'Там уже есть другой файл: {1}',
  '--overwrite replaces it.': '--overwrite его заменит.',
  'The link may be withdrawn, past its time, or mistyped; or there is no such path behind it.':
    'Возможно, ссылку закрыли, её срок истёк, или в ней опечатка; или по ней нет такого пути.',
  'The owner may have set a password, which this API cannot hand over, or have forbidden downloads.':
    'Возможно, владелец задал пароль, который через этот API не передать, или запретил скачивать.',
  'Not a path behind a public link: {}': 'Такого пути по ссылке быть не может: {1}',
  'Not a public link of a Disk: {}': 'Это не публичная ссылка Диска: {1}',
  'They look like https://disk.yandex.ru/d/… or https://yadi.sk/i/…':
    'Они выглядят так: https://disk.yandex.ru/d/… или https://yadi.sk/i/…',
  'This account may not be allowed to set terms for its links: try it without.':
    'Возможно, этому пользователю нельзя задавать условия ссылок: попробуйте без них.',
  'The Disk has not kept the terms of the link of {}': 'Диск не сохранил условий ссылки на {1}',
  'It is public as it was before.{}': 'Ссылка открыта, как и раньше.{1*}',
  'It was made private again.{}': 'Ссылка снова закрыта.{1*}',
  'This account may set: {}.': 'Этому пользователю можно задать: {1}.',
  'The Disk does not show it': 'Диск этого не показывает',
  'The Disk is not asked: nothing is mounted': 'Диск не спросить: ничего не подключено',
  'What is unsent cannot be looked at: {}': 'Неотправленное не посмотреть: {1}',
  'Whose work it is cannot be read: {}': 'Чьё это, не прочитать: {1}',
  'Mount the Disk: then it is known again.': 'Подключите Диск, и это снова станет известно.',
  'The folder was never shown': 'Эту папку ещё не показывали',
  'This login is not that of whose Disk was mounted: nothing is sent':
    'Теперь вошёл не тот, чей Диск подключён: ничего не отправляется',
  'Log in as the one whose Disk it is, or mount again.':
    'Войдите тем, чей это Диск, или подключите его заново.',
  'Nothing is known of the bytes': 'О содержимом ничего не известно',
  'The list of what was to be sent was damaged; the bytes are kept in {}':
    'Список того, что нужно отправить, испорчен; содержимое сохранено в {1}',
  'Nothing in the trash was {}': 'В корзине нет ничего, что было здесь: {1}',
  'yadiskfs trash list shows what is there, and where it was.':
    'Что в корзине и где оно было, покажет yadiskfs trash list.',
  'yadiskfs trash list alone shows all of it; a folder that lies there is named by its trash:/…':
    'yadiskfs trash list без аргумента покажет всё; папку, которая там лежит, называют по её trash:/…',
  '{} things in the trash were {}: which one?': (count = '', place = '') =>
    `В корзине ${counted(Number(count), ['объект', 'объекта', 'объектов'])} оттуда: ${place}. Какой из них?`,
  'Name one by its trash:/…': 'Назовите один, по его trash:/…',
  'a folder is at {} now (changed {})': 'Там сейчас папка: {1} (изменена {2*})',
  'a file of {} bytes is at {} now (changed {})': 'Там сейчас файл: {2}, байт: {1*} (изменён {3*})',
  unknown: 'неизвестно',
  'at some time': 'неизвестно когда',
  '--as NAME restores it under another name beside that, --overwrite in its place.':
    '--as ИМЯ вернёт его рядом под другим именем, --overwrite — на его место.',
  'In use: {}': 'Занято: {1}',
  'Cannot unmount {}: {}': 'Не удалось отключить {1}: {2*}',
  "Close what is open there (fuser -vm '{}' shows it), or detach it: yadiskfs umount --force '{}'":
    "Закройте то, что там открыто (покажет fuser -vm '{1}'), или отключите силой: yadiskfs umount --force '{2}'",
  'Unmounted, but process {} has not ended yet': 'Диск отключён, но процесс {1} ещё не кончился',
  'Not an address that the Disk could download from': 'С такого адреса Диск скачать не сможет',
  'It begins with https:// or http://': 'Адрес начинается с https:// или http://',
  'The address ends without a name for the file': 'В конце адреса нет имени файла',
  'Name the file, too: disk:/folder/name': 'Назовите и файл: disk:/папка/имя',
  'The Disk has something there already: {}': 'На Диске там уже что-то есть: {1}',
  'Name another path, or delete that first.': 'Назовите другой путь или сначала удалите то, что там.',
  'The Disk has downloaded it, and does not show it at {}': 'Диск скачал, но не показывает этого здесь: {1}',
  'It may have another name in that folder.': 'Возможно, в этой папке оно под другим именем.',
  'The Disk does not have it yet: {}': 'На Диске этого ещё нет: {1}',
  'A program may still be writing it. yadiskfs flush waits until it is there.':
    'Возможно, программа ещё пишет. Дождаться, пока всё будет на Диске: yadiskfs flush.',
  'Something is there already: {}': 'Там уже что-то есть: {1}',
  'Name another file.': 'Назовите другой файл.',
  'The report cannot be written ({}): {}': 'Отчёт не записать ({1}): {2}',
  'Name a new file in a folder that is there and that you may write to.':
    'Назовите новый файл в существующей папке, куда вам можно писать.',
  'The unit cannot be written: {}': 'Файл службы не записать: {1}',
  'The unit cannot be removed: {}': 'Файл службы не удалить: {1}',
  'systemctl --user {}: it is not there': 'systemctl --user {1}: такой программы нет',
  'Nothing was written; --no-start writes the unit all the same.':
    'Ничего не записано; --no-start всё же запишет файл службы.',
  "journalctl --user -u '{}' tells why. It is tried again at each login.":
    "Почему — покажет journalctl --user -u '{1}'. При каждом входе будет новая попытка.",
  "yadiskfs service remove '{}' takes it back.": "Отменить: yadiskfs service remove '{1}'",
  'Is systemd running for this user? After a login it is; loginctl enable-linger keeps it running.':
    'Работает ли systemd у этого пользователя? После входа в систему — да; loginctl enable-linger оставит его работать.',
  // What a mount does not give
  'This mount is for reading only': 'Этот Диск подключён только для чтения',
  'The Disk is full': 'На Диске нет места',
  'The Disk takes no file of more than {} bytes': 'Диск не берёт файлы больше {1} байт',
  'Its trash holds {} bytes, which count: it is emptied by yadiskfs trash empty, or at https://disk.yandex.ru/client/trash': `В корзине {1} байт, и они тоже занимают место; ${kept}`,
  'The Disk does not keep the date': 'Диск не сохраняет дату',
  'Metrics cannot be served on port {} of 127.0.0.1 ({})':
    'Метрики нельзя отдавать на порту {1} адреса 127.0.0.1 ({2})',
  'Choose another port for --metrics; 0 takes one that is free, and the log names it.':
    'Выберите для --metrics другой порт; 0 возьмёт свободный, и журнал его назовёт.',
  'The log cannot be in the mount that it is about: {}':
    'Журнал не может лежать на том самом Диске, о котором он: {1}',
  'Choose a --log-file outside of it.': 'Выберите --log-file за его пределами.',
};
