import { startStandIn } from '../../test/stand-in/index.ts';

/*
 * The Disk that an installed package is tried with: served until its starter ends it. Prints the address of the API, that of the logins,
 * and a token.
 */

const standIn = await startStandIn({ token: 'try-token', settings: { operationMs: 0 } });
standIn.model.putFile('disk:/hello.txt', 'hello from the Disk\n');
standIn.model.putFile('disk:/Photos/one.txt', 'a photo\n');
console.log(standIn.apiUrl, standIn.oauthUrl, standIn.token);
process.stdin.resume().once('end', () => process.exit());
