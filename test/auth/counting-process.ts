import { AccountStore } from '../../src/auth/account-store.ts';

/** Counts up in a stored login, so many times; or, with -1, holds it until killed. */
const [folder = '', rounds = '0'] = process.argv.slice(2);
const store = new AccountStore(folder);

if (rounds === '-1') {
  const alive = setInterval(() => {}, 1000);
  await store.hold('default', () => new Promise(() => {}));
  clearInterval(alive);
}
for (let round = 0; round < Number(rounds); round++) {
  await store.hold('default', async (held) => {
    const login = await held.read();
    if (!login) throw new Error('nothing is stored');
    await new Promise((resolve) => setTimeout(resolve, 2));
    await held.write({ ...login, accessToken: String(Number(login.accessToken) + 1) });
  });
}
