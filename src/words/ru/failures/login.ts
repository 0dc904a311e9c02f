import type { SentenceTable } from '../../sentences.ts';

/** Logins and tokens. */
export const login: SentenceTable = {
  'Not a name for an account': 'Такое имя для входа не годится',
  'A name has up to 64 letters and digits, with . _ @ + - between them, such as "work" or "anna@home".':
    'Имя — до 64 латинских букв и цифр, между ними могут быть . _ @ + -, например work или anna@home.',
  'Not logged in': 'Вы не вошли',
  'Do it as {}, whose logins setuid means.': 'Сделайте это как {1}: setuid значит его входы.',
  'What root mounts is with a login of root. With the login of somebody else: -o setuid=NAME':
    'root подключает со своим входом. Со входом другого пользователя: -o setuid=ИМЯ',
  'Logged out': 'Вход закончен',
  'Nobody is logged in as account "{}"': 'Под именем «{1}» никто не вошёл',
  'The login could not be renewed: a mistake in the program': 'Вход не удалось продлить: ошибка в программе',
  'The account "{}" now belongs to somebody else': 'Под именем «{1}» теперь вошёл кто-то другой',
  'Log in again as the first one with `yadiskfs setup`, or unmount and mount again.':
    'Войдите снова прежним пользователем (`yadiskfs setup`) или отключите Диск и подключите его заново.',
  'The token contains characters that no token has': 'В токене есть символы, каких в токенах не бывает',
  'Look for blanks or line ends around the value of {}.':
    'Проверьте, нет ли лишних пробелов или переводов строки: {1}.',
  'Another yadiskfs has been at work on this login for too long':
    'Другой процесс yadiskfs слишком долго занят этим входом',
  'Look for a hung yadiskfs process.': 'Поищите зависший процесс yadiskfs.',
  'Nobody has confirmed the code yet': 'Код ещё никто не подтвердил',
  'The access was denied on the page of Yandex': 'На странице Яндекса в доступе отказано',
  'Run `yadiskfs setup` again to get a new code.': 'Новый код: ещё раз `yadiskfs setup`.',
  'Yandex does not know this ClientID, or the Client secret does not belong to it':
    'Яндекс не знает такого ClientID, или Client secret не от него',
  'Both stand on the page of your app: https://oauth.yandex.ru':
    'И то и другое есть на странице вашего приложения: https://oauth.yandex.ru',
  'Run `yadiskfs setup` to log in again.': 'Войти снова: `yadiskfs setup`.',
  'Yandex wants to be asked less often': 'Яндекс просит спрашивать реже',
  'What was to be exchanged for a token is not valid any more':
    'То, что меняют на токен, больше не действует',
  'The code has expired': 'Срок кода истёк',
  'The code is not valid': 'Код недействителен',
  'Yandex does not let this app log in: it waits for approval, or was blocked':
    'Яндекс не пускает это приложение: оно ждёт одобрения или заблокировано',
  'See the state of the app on https://oauth.yandex.ru':
    'Что с приложением, видно на https://oauth.yandex.ru',
  'The app may not ask for these permissions': 'Приложению нельзя просить такие права',
  'Tick cloud_api:disk.info, cloud_api:disk.read and cloud_api:disk.write on the page of your app, then run `yadiskfs setup` again.':
    'Отметьте cloud_api:disk.info, cloud_api:disk.read и cloud_api:disk.write на странице вашего приложения и снова запустите `yadiskfs setup`.',
  'Yandex revokes only tokens that were given to a device':
    'Яндекс отзывает только те токены, которые выданы устройству',
  'Yandex OAuth has a fault of its own ({})': 'Сбой на стороне Яндекса ({1})',
  'Yandex OAuth has too many requests (429)': 'К Яндексу слишком много запросов (429)',
  'Yandex OAuth refused: {}': 'Яндекс отказал: {1}',
  'The answer is not one of Yandex OAuth ({})': 'Так отвечает не Яндекс ({1})',
  'Something in between may have answered: a page that asks for a login to the network, or a proxy.':
    'Возможно, ответил кто-то по дороге: страница входа в сеть или прокси.',
  'Yandex OAuth named a page that is no web address': 'Яндекс назвал страницу, но это не веб-адрес',
  'Not a file that yadiskfs wrote: {}': 'Этот файл записал не yadiskfs: {1}',
  'Other users may look into {}, and that cannot be changed ({})':
    'Другие пользователи могут заглянуть в {1}, и запретить это не удалось ({2})',
  'It must belong to you, with the permissions {}.': 'Он должен принадлежать вам, с правами {1}.',
  'Cannot {} {} ({})': 'Не удалось {1*} {2} ({3})',
  'Cannot {} {}': 'Не удалось {1*} {2}',
  'Cannot read {} ({})': 'Не удалось прочитать {1} ({2})',
  'Cannot make {} ({})': 'Не удалось создать {1} ({2})',
  read: 'прочитать',
  write: 'записать',
  remove: 'удалить',
  make: 'создать',
  'It may belong to another user, such as root after a sudo: give it back with chown.':
    'Возможно, после sudo он принадлежит root: верните его себе командой chown.',
  'The local disk is full.': 'На диске этого компьютера нет места.',
  'The stored token is not valid any more, and was stored without the means to renew it':
    'Сохранённый токен больше не действует, и продлить его нечем',
  'The login cannot be renewed now. {}': 'Сейчас вход продлить не удаётся. {1*}',
  'The login is not valid any more: it was withdrawn, is too old, or the password was changed':
    'Вход больше не действует: он отозван, устарел, или сменился пароль',
  'The login cannot be renewed. {}': 'Вход продлить не удаётся. {1*}',
  'Nothing can be sent: the login is not valid any more': 'Ничего не отправить: вход больше не действует',
  'Log in with `{}`.': 'Войти: `{1}`.',
  'Log in with `yadiskfs setup`, or name a login that is stored: --account {}':
    'Войти: `yadiskfs setup`. Или назовите вход, который уже есть: --account {1}',
  'The stored login has a format that is newer than this yadiskfs ({}, known is {})':
    'Сохранённый вход записан более новым yadiskfs (формат {1}, а известен {2})',
  'Use the newer version; or keep both logins, with another --account NAME here.':
    'Возьмите новую версию или оставьте оба входа: здесь с другим --account ИМЯ.',
  'The stored login cannot be read, its content makes no sense: {}':
    'Сохранённый вход не прочитать, в нём что-то непонятное: {1}',
  'Log in again with `yadiskfs setup`, which replaces it.':
    'Войдите снова (`yadiskfs setup`), и он заменится.',
  // setup and logout
  'Nobody confirmed the code while it was valid': 'Пока код действовал, его никто не подтвердил',
  'Logged in, but the Disk could not be asked whose it is. {}':
    'Вы вошли, но спросить у Диска, чей он, не удалось. {1*}',
  'The login is stored. `yadiskfs info` shows later whether all is well.':
    'Вход сохранён. Всё ли хорошо, потом покажет `yadiskfs info`.',
  'The account "{}" is the login of somebody else, and stays so':
    'Под именем «{1}» вошёл кто-то другой, так и останется',
  'Keep both with another --account NAME; or replace it with --replace.':
    'С другим --account ИМЯ останутся оба входа; --replace заменит прежний.',
  'The Disk does not accept this token; nothing was stored':
    'Диск не принимает этот токен; ничего не сохранено',
  'Copy it again, or log in with a code: `yadiskfs setup` without --token.':
    'Скопируйте его ещё раз или войдите с кодом: `yadiskfs setup` без --token.',
  'Somebody else has just logged in under this name': 'Под этим именем только что вошёл кто-то другой',
  'Run `yadiskfs setup` again.': 'Запустите `yadiskfs setup` ещё раз.',
  'A ClientID and a Client secret are needed, and there is no terminal to ask on':
    'Нужны ClientID и Client secret, а терминала, чтобы спросить, нет',
  'Set YADISKFS_CLIENT_ID and YADISKFS_CLIENT_SECRET. An app is made at {}: platform {}, redirect URI {}, permissions {}.':
    'Задайте YADISKFS_CLIENT_ID и YADISKFS_CLIENT_SECRET. Приложение создают здесь: {1}; платформа {2}, Redirect URI {3}, права {4}.',
  'No token came': 'Токен не пришёл',
  'Write it to the standard input, on one line.': 'Передайте его через стандартный ввод, одной строкой.',
  'Forgotten here, but not withdrawn at Yandex. {}': 'Здесь вход забыт, но в Яндексе не отозван. {1*}',
  'The stored login could not be read': 'Сохранённый вход не удалось прочитать',
  'The token was stored without its app, which alone could withdraw it':
    'Токен сохранён без приложения, а отозвать его может только оно',
  'Access can be withdrawn by hand: https://id.yandex.ru/personal/data-access':
    'Отозвать доступ можно вручную: https://id.yandex.ru/personal/data-access',
  'Access can be withdrawn by hand: https://id.yandex.ru/personal/data-access. It ends by itself on {}.':
    'Отозвать доступ можно вручную: https://id.yandex.ru/personal/data-access. Сам он закончится {1}.',
};
