import type { SentenceTable } from '../../sentences.ts';

/** What the Disk answers, and what becomes of what is sent. */
export const disk: SentenceTable = {
  // What it was asked to do
  'give a sign of life': 'откликнуться',
  'describe itself': 'рассказать о себе',
  'tell its revision': 'назвать ревизию',
  'list all files': 'перечислить все файлы',
  'list what is published': 'перечислить то, что открыто по ссылкам',
  'list the last uploads': 'перечислить последние загрузки',
  'list the trash': 'показать корзину',
  'show {}': 'показать {1}',
  'list {}': 'показать {1}',
  'show the link of {}': 'показать ссылку на {1}',
  'give a link to {}': 'дать ссылку на {1}',
  'give a link to download from the public link': 'дать ссылку, чтобы скачать то, что по ссылке',
  'tell how an operation goes on': 'сказать, как идёт операция',
  'make the folder {}': 'создать папку {1}',
  'delete {}': 'удалить {1}',
  'delete {} for good': 'удалить навсегда {1}',
  'empty the trash': 'очистить корзину',
  'restore {}': 'вернуть {1}',
  'set properties of {}': 'записать свойства {1}',
  'download into {}': 'скачать в {1}',
  'move {} to {}': 'переместить {1} в {2}',
  'copy {} to {}': 'скопировать {1} в {2}',
  'take {}': 'принять {1}',
  'publish {}': 'открыть по ссылке {1}',
  'take back the link of {}': 'закрыть ссылку на {1}',
  'show the terms of the link of {}': 'показать условия ссылки на {1}',
  'set the terms of the link of {}': 'задать условия ссылки на {1}',
  'show the terms that a link of {} may have': 'показать, какие условия можно задать ссылке на {1}',
  'show what is behind the public link': 'показать, что по ссылке',
  'save what is behind the public link': 'сохранить то, что по ссылке',
  // Refusals
  'The Disk refused to {}: {}': 'Диск отказался {1*}: {2}',
  'The Disk is full, and refused to {}: {}': 'На Диске нет места, и он отказался {1*}: {2}',
  'The Disk has taken all the bytes of this month, and refused to {}: {}':
    'Диск принял всё, что мог в этом месяце, и отказался {1*}: {2}',
  '{} refused to {}: {}': '{1}: отказ {2*}: {3}',
  'The token may lack a permission: the app needs cloud_api:disk.info, .read and .write. A Disk over its quota is closed as well.':
    'Возможно, токену не хватает прав: приложению нужны cloud_api:disk.info, .read и .write. Закрыт и Диск, который переполнен.',
  'The owner has set a password, which this API cannot hand over.':
    'Владелец задал пароль, а через этот API его не передать.',
  'This account has no Disk: open disk.yandex.ru with it once.':
    'У этого пользователя нет Диска: один раз откройте под ним disk.yandex.ru.',
  'Many have downloaded it today. Save it to your own Disk, or wait.':
    'Сегодня это скачивали слишком много раз. Сохраните на свой Диск или подождите.',
  'The token is not valid any more: run `yadiskfs setup`, or set YADISKFS_TOKEN to a fresh one.':
    'Токен больше не действует: запустите `yadiskfs setup` или задайте свежий в YADISKFS_TOKEN.',
  'See `yadiskfs info`; the trash of the Disk counts, and is emptied by yadiskfs trash empty, or at https://disk.yandex.ru/client/trash':
    'Сколько где занято, покажет `yadiskfs info`; корзина тоже занимает место, её очищает yadiskfs trash empty, или здесь: https://disk.yandex.ru/client/trash',
  'The Disk takes no bytes until the next month, or with a larger plan.':
    'До следующего месяца Диск ничего не примет; больше можно на платном тарифе.',
  'Something between here and the Disk answered in its place ({}) when asked to {}':
    'Вместо Диска ответил кто-то по дороге ({1}), когда его попросили {2*}',
  'The Disk has a fault of its own, which passes. Try again in some minutes.':
    'У Диска временный сбой. Попробуйте через несколько минут.',
  'Does this network want a login page to be opened in a browser first?':
    'Может быть, эта сеть хочет, чтобы вы сначала открыли страницу входа в браузере?',
  'Too many requests: none is taken for another {} s': 'Слишком много запросов: ещё {1} с их не примут',
  "The Disk's answer makes no sense when asked to {}": 'Диск попросили {1*}, а ответ непонятен',
  "The Disk's answer ({}) makes no sense when asked to {}": 'Диск попросили {2*}, а ответ непонятен ({1})',
  'A call that only reads cannot be found done': 'Ошибка в программе: чтение не может оказаться сделанным',
  'The Disk both did and refused to {}': 'Диск и сделал, и отказался {1*}',
  'The login is being renewed, and nobody answers': 'Вход продлевается, а ответа нет',
  'The client is closed': 'Связь с Диском уже закрыта',
  'More bytes came than the file has': 'Пришло больше, чем есть в файле',
  'The connection ended before all bytes had come': 'Связь оборвалась раньше, чем всё пришло',
  'More than {} redirects on the way to the bytes': 'По пути к содержимому больше {1} перенаправлений',
  'Other bytes than those of the version were offered': 'Предложено содержимое другой версии',
  'Not a folder on the Disk: {}': 'На Диске это не папка: {1}',
  'A listing without a first page': 'У списка нет первой страницы',
  '{} must be an https address (http only to this machine): {}':
    '{1}: нужен адрес https (http — только к этому компьютеру): {2}',
  'The Disk sent us to a host that is not its own: {}': 'Диск послал на чужой сервер: {1}',
  'The Disk sent us to a host that is not its own': 'Диск послал на чужой сервер',
  'The request could not be made': 'Запрос не удалось сделать',
  'No connection to {} ({})': 'Нет связи с {1} ({2})',
  'No connection to {}': 'Нет связи с {1}',
  'The host could not prove who it is. Is the clock of this machine right, and does nothing in the network stand in between?':
    'Сервер не смог доказать, что это он. Верны ли часы этого компьютера, и не стоит ли кто-то посередине?',
  'Check the network. The first mount of a login asks the Disk whose it is; later ones begin without a network, too.':
    'Проверьте сеть. В первый раз надо спросить у Диска, чей он; потом он подключается и без сети.',
  'Check the network; the drive goes on by itself when it is back.':
    'Проверьте сеть; когда она вернётся, Диск продолжит сам.',
  'Check the network.': 'Проверьте сеть.',
  'A reply of more than {} bytes': 'Ответ длиннее {1} байт',
  'A reply that is not UTF-8': 'Ответ не в UTF-8',
  'The Disk gives no link to download this file': 'Диск не даёт ссылки, чтобы скачать этот файл',
  'The version that was opened is gone from the Disk': 'Открытой версии на Диске больше нет',
  'Open the file again to get the version that is there now.':
    'Откройте файл снова, и будет нынешняя версия.',
  'The Disk told no way to ask how the operation goes on': 'Диск не сказал, как узнавать о ходе операции',
  'There is no such folder on the Disk: {}': 'Такой папки на Диске нет: {1}',
  'The Disk began to {}, and failed': 'Диск взялся {1*}, но не смог',
  'It gives no reason. Something of it may be done.':
    'Почему, он не сообщает. Часть работы могла быть сделана.',
  'The folder changed each of the {} times that it was listed': 'Папка менялась все {1} раз, пока её читали',
  'Somebody is changing it at this moment; try again a little later.':
    'Её сейчас кто-то меняет; попробуйте чуть позже.',
  'A folder of more than {} entries': 'В папке больше {1} объектов',
  'Not a path of the Disk: {}': 'Это не путь на Диске: {1}',
  'Not a path of something on the Disk: {}': 'Это не путь к файлу или папке на Диске: {1}',
  'Name a file or folder that is on it, such as disk:/Documents.':
    'Назовите файл или папку на нём, например disk:/Документы.',
  'The name cannot be sent to the Disk: it is not valid Unicode':
    'Такое имя Диску не передать: в нём неправильный Юникод',
  'No answer came when the Disk was asked to {}; it may be done or not':
    'Диск попросили {1*}, но ответ не пришёл; сделано это или нет, неизвестно',
  'Look at the Disk before trying again.': 'Прежде чем повторять, посмотрите на Диск.',
  'The public link is one of a file': 'Это ссылка на файл',
  '{} was published, but the Disk does not tell its link': 'Ссылка на {1} открыта, но Диск её не называет',
  'Ask again in a moment.': 'Спросите ещё раз чуть позже.',
  'A data host redirected to nowhere': 'Сервер с файлами перенаправил в никуда',
  'A data host of the Disk answered {}': 'Сервер с файлами ответил {1}',
  'Other bytes than those of the file were offered: {}': 'Предложено не содержимое этого файла: {1}',
  'Not a folder in the trash: {}': 'В корзине это не папка: {1}',
  'Not in the trash: {}': 'В корзине этого нет: {1}',
  'The Disk is full: its host for uploads answered {}': 'На Диске нет места: сервер загрузок ответил {1}',
  "The Disk's host for uploads answered {}": 'Сервер загрузок ответил {1}',
  'The last look before the upload took too long': 'Последняя проверка перед отправкой шла слишком долго',
  'The Disk took a file for complete that was not': 'Диск принял неполный файл за целый',
  'The Disk got {}, and did not take it': 'Диск получил {1}, но не принял',
  'No answer came after the last byte': 'После последнего байта ответа не было',
  '{} does not show up': '{1} так и не появился',
  'The hash was asked for before all bytes had been read':
    'Ошибка в программе: сумма спрошена раньше времени',
  'The bytes to upload are not the {} that were announced':
    'Отправлять пришлось не {1} байт, как было объявлено',
  'The upload could not be sent': 'Отправить не удалось',
  // Sending
  'The folder is not there: {}': 'Такой папки нет: {1}',
  'The Disk is away': 'Нет связи с Диском',
  'Not pinned: {}': 'Это не закреплено: {1}',
  'It is kept here with {}, which is pinned.': 'Это хранится здесь вместе с {1}: закреплено оно.',
  'It is kept here with the whole Disk, which is pinned.':
    'Это хранится здесь, потому что закреплён весь Диск.',
  'yadiskfs pins tells what is pinned.': 'Что закреплено, покажет yadiskfs pins.',
  'What is pinned has changed': 'Закреплённое изменилось',
  'Not beneath the folder: {}': 'Это не внутри папки: {1}',
  'No connection to the Disk: what was changed at {} waits here until there is one':
    'Нет связи с Диском; изменённое здесь ждёт, пока она не появится: {1}',
  'Sending is paused': 'Отправка приостановлена',
  'Sending is paused: {}': 'Отправка приостановлена: {1}',
  "yadiskfs resume '{}' lets it go on.": "Продолжить: yadiskfs resume '{1}'.",
  'Deleted here, and not sent yet: {}': 'Удалено здесь, но ещё не отправлено: {1}',
  'Sent, it would be gone for good (--delete permanently); nothing was sent. yadiskfs unsent discard takes the deletion back.':
    'На Диске оно исчезло бы навсегда (--delete permanently), и ничего не отправлено. Отменить удаление: yadiskfs unsent discard.',
  'Nothing is unsent there: {}': 'Здесь нет неотправленного: {1}',
  'yadiskfs unsent list and yadiskfs status tell what is unsent.':
    'Что не отправлено, покажут yadiskfs unsent list и yadiskfs status.',
  'The folder is not on the Disk, as far as is known': 'Насколько известно, такой папки на Диске нет',
  'The Disk took the file, and does not show it': 'Диск принял файл, но не показывает его',
  'The Disk does not keep the mode or the attributes': 'Диск не сохраняет права доступа или свойства',
  'It was refused': 'Отказано',
  'Could not be sent: {}': 'Не удалось отправить: {1}',
  'Could not be sent: {} and {} more': 'Не удалось отправить: {1} и ещё {2}',
  'Could not be sent: {}: {}': 'Не удалось отправить: {1}: {2*}',
  'Could not be sent: {} and {} more: {}': 'Не удалось отправить: {1} и ещё {2}: {3*}',
  'Could not be sent: {}; {} more waits for that': 'Не удалось отправить: {1}; этого ждёт ещё {2}',
  'Could not be sent: {}; {} more wait for that': 'Не удалось отправить: {1}; этого ждут ещё {2}',
  'Could not be sent: {}: {}; {} more waits for that': 'Не удалось отправить: {1}: {2*}; этого ждёт ещё {3}',
  'Could not be sent: {}: {}; {} more wait for that': 'Не удалось отправить: {1}: {2*}; этого ждут ещё {3}',
  'Could not be sent: {} and {} more; {} more wait for that':
    'Не удалось отправить: {1} и ещё {2}; этого ждут ещё {3}',
  'Could not be sent: {} and {} more: {}; {} more waits for that':
    'Не удалось отправить: {1} и ещё {2}: {3*}; этого ждёт ещё {4}',
  'Could not be sent: {} and {} more: {}; {} more wait for that':
    'Не удалось отправить: {1} и ещё {2}: {3*}; этого ждут ещё {4}',
  'Make room: the trash of the Disk counts, and is emptied by yadiskfs trash empty, or at https://disk.yandex.ru/client/trash':
    'Освободите место: корзина тоже его занимает, её очищает yadiskfs trash empty, или здесь: https://disk.yandex.ru/client/trash',
  'It is kept here: `yadiskfs unsent list` tells all of it, `unsent retry` sends it again.':
    'Всё сохранено здесь: список покажет `yadiskfs unsent list`, отправит заново `unsent retry`.',
  'Something has the name, and does not show: {}': 'Имя занято тем, чего не видно: {1}',
  'It went away while it was to be moved: {}': 'Пропало, пока его собирались переместить: {1}',
};
