import type { Words } from '../en.ts';

/** `setup` at a terminal, and where nobody sits at one. */
export const login: Words['login'] = {
  beginning: ({ page, platform, redirectUri, permissions }) => `
yadiskfs нужно ваше собственное приложение в Яндексе; создать его можно быстро и бесплатно:

  1. Откройте ${page} и войдите.
  2. Название: любое, например yadiskfs. Платформа: «${platform}»,
     Redirect URI: ${redirectUri}
  3. «Доступ к данным»: наберите cloud_api:disk и отметьте
       ${permissions[0]}    сведения о Диске
       ${permissions[1]}    чтение всего Диска
       ${permissions[2]}   запись в любом месте Диска
  4. Создайте приложение. На его странице появятся ClientID и Client secret.

`,
  clientIdQuestion: 'ClientID: ',
  secretQuestion: 'Client secret (не будет виден): ',
  tokenQuestion: 'Токен (не будет виден): ',
  sameAsId: 'Это снова ClientID; Client secret стоит на странице под ним.',
  oneWord: {
    clientId: 'ClientID — одно слово из латинских букв и цифр.',
    secret: 'Client secret — одно слово из латинских букв и цифр.',
    token: 'Токен — одно слово из латинских букв и цифр.',
  },
  openPage: '1. Откройте эту страницу на телефоне или компьютере:',
  typeCode: '2. Введите там этот код:',
  browserOpens: '(Страница должна сама открыться в браузере.)',
  waiting: (clock) => `Ждём вас, осталось ${clock}. Ctrl-C — отказаться.`,
  tryingAgain: (problem) => `${problem}; пробуем ещё раз.`,
  expiredQuestion: 'Код больше не действует. Получить новый?',
  deniedQuestion: 'Получить новый код и попробовать ещё раз?',
  againQuestion: 'Попробовать ещё раз?',
  yesOrNo: (usual) => (usual ? '[Д/н]' : '[д/Н]'),
  otherPerson: (stored, fresh) => `Под этим именем уже вошёл ${stored}; вы вошли как ${fresh}.`,
  mountsStop:
    'Диски, подключённые с прежним входом, перестанут работать. (С --account ИМЯ останутся оба входа.)',
  replaceQuestion: 'Заменить прежний вход?',
  note: (text) => `Обратите внимание: ${text}`,
  loggedIn: 'Вы вошли.',
  next: (command) => `Дальше:  ${command}`,
  mountQuestion: (folder) => `Подключить Диск к ${folder} сейчас?`,
  serviceQuestion: 'И подключать его при каждом входе в систему?',
  openAndType: (page, code, seconds) =>
    `Откройте ${page} и введите там код ${code}. На это есть ${seconds} с.`,
  hereIsNewCode: 'Код больше не действует. Вот новый.',
  storedIn: (path) => `Сохранено в ${path}`,
  tokenGoesBefore: 'задана переменная YADISKFS_TOKEN, и она важнее только что сохранённого входа.',
  optionWasSeen: (option) =>
    `то, что стоит после ${option}, было видно в списке процессов и могло остаться в истории команд.`,
};
