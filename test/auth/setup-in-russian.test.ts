import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { englishLeft } from '../words/english-left.ts';
import { type NewUser, newUser, storedLogin } from './login-fixture.ts';
import { atTerminal, enter, type Terminal } from './terminal.ts';

let user: NewUser;
let terminal: Terminal;

beforeEach(async () => {
  user = await newUser();
});
afterEach(async () => {
  await terminal.close();
  await user.close();
});

const setup = async (environment = user.environment) => {
  terminal = await atTerminal({ ...environment, LANG: 'ru_RU.UTF-8' }, 'setup', '--no-browser');
};
const answer = async (question: string, text: string) => {
  await terminal.shows(question);
  terminal.type(`${text}${enter}`);
};
/** What the program itself wrote, without what moves the cursor. */
const written = () => {
  const [own = ''] = terminal.screen().split('ended=');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
  return own.replaceAll(/\x1b\[[\d;]*[A-Za-z]/g, '\n');
};

describe('a login at a terminal where the locale is Russian', () => {
  it('leads from nothing to a login, in Russian', async () => {
    await setup();
    const beginning = await terminal.shows('ClientID: ');
    expect(beginning).toContain('Платформа: «Веб-сервисы»');
    expect(beginning).toContain('cloud_api:disk.write   запись в любом месте Диска');
    await answer('ClientID: ', 'два слова');
    await terminal.shows('ClientID — одно слово из латинских букв и цифр.');
    await answer('ClientID: ', user.disk.settings.clientId);
    await answer('Client secret (не будет виден): ', 'wrong-secret');
    await terminal.shows('Client secret не от него');
    await answer('Client secret (не будет виден): ', user.disk.settings.clientSecret);
    const card = await terminal.shows(/Ждём вас, осталось \d:\d\d/);
    expect(card).toContain('1. Откройте эту страницу на телефоне или компьютере:');
    expect(card).toContain('2. Введите там этот код:');
    user.disk.control.approveDevice();
    const end = await terminal.shows('[Д/н]');
    expect(end).toMatch(/Вы вошли\.\s+Пользователь: testuser \(100000001\)/);
    expect(end).toContain('Свободно:     42,0 ГиБ');
    expect(end).toContain('Подключить Диск к ~/Disk сейчас?');
    terminal.type(`н${enter}`);
    await terminal.shows('Дальше:  mkdir -p ~/Disk && yadiskfs mount ~/Disk --daemon');
    expect(await terminal.end()).toMatchObject({ code: 0 });
    expect(englishLeft(written())).toBe('');
    expect(await storedLogin(user)).toMatchObject({ person: { login: 'testuser' } });
  });

  it('understands a Russian yes and no', async () => {
    user.disk.control.set({ deviceCodeLifeMs: 1500 });
    await setup(user.withApp);
    await answer('Код больше не действует. Получить новый? [Д/н]', 'да');
    await answer('Код больше не действует. Получить новый? [Д/н]', 'нет');
    await terminal.shows('yadiskfs: Пока код действовал, его никто не подтвердил');
    expect(await terminal.end()).toMatchObject({ code: 5 });
    expect(englishLeft(written())).toBe('');
  });
});
